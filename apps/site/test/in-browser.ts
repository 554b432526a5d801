import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { until } from '@reuse/testkit'
import type { BrowserContext } from 'playwright-core'
import {
  contrast,
  counts,
  inaccessible,
  type Opened,
  open,
  openPage,
  sizes,
  visit,
  widthOf,
} from './browser-page.js'
import { type BuiltSite, urlOf } from './built-site.js'
import { smallTexts } from './pictures.js'
import { testReport } from './report-page.js'
import { testScene, testSceneWithoutJavaScript, testStillScene } from './scene-in-browser.js'
import { testSearch } from './search.js'

async function testPage(context: BrowserContext, site: BuiltSite, url: string): Promise<void> {
  const { page, complaints } = await openPage(context, site)
  try {
    await page.setViewportSize(sizes.phone)
    await page.emulateMedia({ colorScheme: 'dark' })
    await visit(page, site.origin + url)
    await page.locator('html.dark').waitFor()
    assert.equal(await page.locator('h1').count(), 1)
    assert.notEqual((await page.locator('h1').textContent())?.trim(), '')
    assert.equal(await widthOf(page), sizes.phone.width, 'it is wider than a phone')
    assert.deepEqual(await inaccessible(page, contrast), [], 'dark, on a phone')

    await page.setViewportSize(sizes.desk)
    assert.equal(await widthOf(page), sizes.desk.width, 'it is wider than the window')
    // What only the desk size shows, the sidebar, is the same on every page.
    if (url === '/guide/')
      assert.deepEqual(await inaccessible(page, contrast), [], 'dark, on a desk')

    await page.emulateMedia({ colorScheme: 'light' })
    await page.locator('html:not(.dark)').waitFor()
    assert.deepEqual(await inaccessible(page), [], 'light, on a desk')
    assert.deepEqual(complaints, [])
  } finally {
    await page.close()
  }
}

/** How many pages are checked at the same time: a page is a process of the browser. */
const concurrency = 2

/** Every page in a real browser, light and dark, on a desk and on a phone. */
export async function testInBrowser(t: TestContext, opened: Opened): Promise<void> {
  const { site, browser } = opened
  await t.test('every page is accessible and fits its window', { concurrency }, async (all) => {
    // One for all of them: it caches what they share.
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    all.after(() => context.close())
    const files = site.pages.filter((file) => file !== '404.html')
    await Promise.all(
      files.map((file) => all.test(file, () => testPage(context, site, urlOf(file)))),
    )
  })

  await t.test('a search finds the page about a topic first', async (words) => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/`)
    await testSearch(words, page)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('the home page shows its picture, with readable text', async () => {
    const { context, page } = await open(opened, { viewport: sizes.phone })
    await visit(page, `${site.origin}/`)
    await page.getByRole('img', { name: 'Clients connect to one port' }).waitFor()
    await page.locator('.headline img').scrollIntoViewIfNeeded()
    await page.waitForFunction('document.querySelector(".headline img").complete')
    assert.deepEqual(await smallTexts(page), [])
    await context.close()
  })

  await t.test('the page of all reports shows its picture, with readable text', async () => {
    const { context, page } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/reports/`)
    await page.waitForFunction('document.querySelector(".headline img").complete')
    assert.deepEqual(await smallTexts(page), [])
    await context.close()
  })

  await t.test('the "Page not found" page has a main landmark', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.phone })
    await visit(page, `${site.origin}/404`)
    await page.getByRole('main').getByRole('heading', { name: 'Page not found' }).waitFor()
    await counts(page.locator('main'), 1)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('the recording plays on demand, to its end', async () => {
    const { context, page, complaints } = await open(opened, {
      viewport: sizes.phone,
      reducedMotion: 'no-preference',
    })
    await visit(page, `${site.origin}/`)
    const toCome = page.locator('.recording .later')
    await counts(toCome, 0)
    await page.getByRole('button', { name: 'Play' }).click()
    await until(async () => (await toCome.count()) > 0)
    await counts(toCome, 0)

    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Play' }).waitFor({ state: 'hidden' })
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test(
    'the scene shows the losses of a restart and a kill, and stops when it is paused',
    async () => {
      const { context, page, complaints } = await open(opened, {
        viewport: sizes.phone,
        reducedMotion: 'no-preference',
      })
      await page.clock.install()
      await visit(page, `${site.origin}/how-it-works`)
      await testScene(page)
      assert.deepEqual(await inaccessible(page), [])
      assert.deepEqual(complaints, [])
      await context.close()
    },
  )

  await t.test('with reduced motion, the scene moves by single steps', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.phone })
    await visit(page, `${site.origin}/how-it-works`)
    await testStillScene(page)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('a search result leads to the page that contains the text', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/`)
    await page.getByRole('button', { name: 'Search' }).click()
    // It is in a README, and on the page that includes that README.
    await page.getByRole('searchbox').fill('unknown-position')
    await page
      .locator('.VPLocalSearchBox .result', { hasText: 'Graceful shutdown' })
      .first()
      .click()
    await page.waitForURL(/\/guide\/leaving/)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('without JavaScript the scene is a picture', async () => {
    const { context, page, complaints } = await open(opened, {
      viewport: sizes.desk,
      javaScriptEnabled: false,
    })
    await page.goto(`${site.origin}/how-it-works`)
    await testSceneWithoutJavaScript(page)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('the page of a report', (pages) => testReport(pages, opened))
}
