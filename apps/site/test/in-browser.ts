import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { TestContext } from 'node:test'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { type BuiltSite, urlOf } from './built-site.js'
import { inventedReport } from './invented-report.js'
import { testSearch } from './search.js'
import { until } from './until.js'

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Opened {
  browser: Browser
  site: BuiltSite
}

const sizes = {
  desk: { width: 1280, height: 800 },
  phone: { width: 375, height: 740 },
}

/** A page of which everything is noted that it complains about, or asks others for. */
async function open({ browser, site }: Opened, options: BrowserContextOptions) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  return { context, ...(await openPage(context, site)) }
}

async function openPage(context: BrowserContext, site: BuiltSite) {
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${site.origin}/`)) {
      complaints.push(`it asks for ${request.url()}`)
    }
  })
  page.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} of ${response.url()}`)
  })
  return { page, complaints }
}

async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url)
  // The page is Vue's: from now on its buttons do something.
  await page.waitForFunction('document.querySelector("#app").__vue_app__')
}

interface Violation {
  id: string
  help: string
  nodes: { target: string[] }[]
}

/** What axe finds against WCAG 2.1 AA. The search button and the inside of a chart are not ours. */
async function inaccessible(page: Page, rules = everyRule): Promise<string[]> {
  const what = { exclude: [['.DocSearch'], ['.chart svg']] }
  const violations: Violation[] = await page.evaluate(
    `axe.run(${JSON.stringify(what)}, ${JSON.stringify(rules)}).then((found) => found.violations)`,
  )
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id} (${help}): ${target.join(' ')}`),
  )
}

const everyRule = {
  resultTypes: ['violations'],
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
}
const contrast = { resultTypes: ['violations'], runOnly: ['color-contrast'] }

/** A page that was told something draws it in a moment. */
function counts(locator: Locator, count: number): Promise<void> {
  return until(async () => (await locator.count()) === count, `${count} of ${locator}`)
}

async function testPage(context: BrowserContext, site: BuiltSite, url: string): Promise<void> {
  const { page, complaints } = await openPage(context, site)
  try {
    await page.setViewportSize(sizes.phone)
    await page.emulateMedia({ colorScheme: 'dark' })
    await visit(page, site.origin + url)
    await page.locator('html.dark').waitFor()
    assert.equal(await page.locator('h1').count(), 1)
    assert.notEqual((await page.locator('h1').textContent())?.trim(), '')
    await page.addScriptTag({ path: axe })
    assert.equal(await widthOf(page), sizes.phone.width, 'it is wider than a phone')
    assert.deepEqual(await inaccessible(page, contrast), [], 'dark, on a phone')

    await page.setViewportSize(sizes.desk)
    assert.equal(await widthOf(page), sizes.desk.width, 'it is wider than the window')
    // What only a desk shows, the sidebar, is the same on every page.
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

function widthOf(page: Page): Promise<unknown> {
  return page.evaluate('document.documentElement.scrollWidth')
}

/** How many pages are looked at beside each other: a page is a process of the browser. */
const concurrency = 2

/** Every page in a real browser, light and dark, on a desk and on a phone. */
export async function testInBrowser(t: TestContext, opened: Opened): Promise<void> {
  const { site, browser } = opened
  await t.test('every page', { concurrency }, async (all) => {
    // One for all of them: it keeps what they share.
    const context = await browser.newContext({ reducedMotion: 'reduce' })
    all.after(() => context.close())
    const files = site.pages.filter((file) => file !== '404.html')
    await Promise.all(
      files.map((file) => all.test(file, () => testPage(context, site, urlOf(file)))),
    )
  })

  await t.test('the page about something is the first that a search finds', async (words) => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/`)
    await testSearch(words, page)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('the home page begins with its picture', async () => {
    const { context, page } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/`)
    await page.getByRole('img', { name: 'Clients connect to one port' }).waitFor()
    await context.close()
  })

  await t.test('what is shown where there is no page has a main landmark, too', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.phone })
    await visit(page, `${site.origin}/404`)
    await page.getByRole('main').getByRole('heading', { name: 'Page not found' }).waitFor()
    await counts(page.locator('main'), 1)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('the recording is played on demand, to its end', async () => {
    const { context, page, complaints } = await open(opened, {
      viewport: sizes.phone,
      reducedMotion: 'no-preference',
    })
    await visit(page, `${site.origin}/`)
    const toCome = page.locator('.recording .later')
    await counts(toCome, 0)
    await page.getByRole('button', { name: 'Play' }).click()
    await until(async () => (await toCome.count()) > 0, 'something is still to come')
    await counts(toCome, 0)

    await page.emulateMedia({ reducedMotion: 'reduce' })
    await page.getByRole('button', { name: 'Play' }).waitFor({ state: 'hidden' })
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('what is searched for is found', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, `${site.origin}/`)
    await page.getByRole('button', { name: 'Search' }).click()
    // It stands in a README, and on the page that takes it over.
    await page.getByRole('searchbox').fill('unknown-position')
    await page
      .locator('.VPLocalSearchBox .result', { hasText: 'Graceful shutdown' })
      .first()
      .click()
    await page.waitForURL(/\/guide\/leaving/)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test(
    'the charts of a report are drawn, chosen from, and tell their samples',
    async () => {
      const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
      await visit(page, `${site.origin}/reports/${inventedReport}`)
      const section = page.locator('section', { has: page.locator('h2#throughput') })
      const bars = section.locator('.chart svg [aria-label=bar] rect')
      await bars.first().waitFor()
      await counts(bars, 8)

      await section.getByLabel('Case').selectOption('Koa')
      await counts(bars, 4)
      await section.getByRole('checkbox', { name: 'faster' }).uncheck()
      await counts(bars, 3)
      await counts(section.locator('.chart svg [aria-label=dot] circle'), 24)

      await bars.first().hover({ force: true })
      const tip = section.locator('.chart svg [aria-label=tip]')
      await tip.getByText(/8 samples:/).waitFor()

      await section.getByLabel('Metric').selectOption('memory')
      await counts(bars, 2)

      const loses = page.locator('h2#what-loses + ul')
      assert.match((await loses.textContent()) ?? '', /@reuse ÷ faster = 0\.79/)
      for (const name of ['scale', 'tail']) {
        const lines = page.locator('section', { has: page.locator(`h2#${name}`) })
        await lines.locator('.chart svg [aria-label=line] path').first().waitFor()
      }
      assert.deepEqual(complaints, [])
      await context.close()
    },
  )

  await t.test('without JavaScript there are still pictures', async () => {
    const { context, page, complaints } = await open(opened, {
      viewport: sizes.desk,
      javaScriptEnabled: false,
    })
    await page.goto(`${site.origin}/reports/${inventedReport}`)
    const images = page.locator('noscript img')
    assert.equal(await images.count(), 5)
    for (const image of await images.all()) {
      await image.scrollIntoViewIfNeeded()
      const width = await image.evaluate(
        (element: { naturalWidth?: number }) => element.naturalWidth,
      )
      assert.ok(Number(width) > 0, (await image.getAttribute('src')) ?? '')
    }
    assert.deepEqual(complaints, [])
    await context.close()
  })
}
