import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { TestContext } from 'node:test'
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { type BuiltSite, urlOf } from './built-site.js'
import { inventedReport } from './invented-report.js'
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

/** A context in which everything that a page complains about, or asks others for, is noted. */
async function open({ browser, site }: Opened, options: BrowserContextOptions) {
  const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
  const complaints: string[] = []
  context.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`))
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${site.origin}/`)) {
      complaints.push(`it asks for ${request.url()}`)
    }
  })
  context.on('response', (response) => {
    if (response.status() >= 400) complaints.push(`${response.status()} of ${response.url()}`)
  })
  return { context, complaints }
}

async function visit(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  // The page is Vue's: from now on its buttons do something.
  await page.waitForFunction('document.querySelector("#app").__vue_app__')
  return page
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

/** Every page in a real browser, light and dark, on a desk and on a phone. */
export async function testInBrowser(t: TestContext, opened: Opened): Promise<void> {
  const { site } = opened
  for (const [size, viewport] of Object.entries(sizes)) {
    await t.test(`every page, on a ${size}`, async (ofSize) => {
      for (const file of site.pages.filter((page) => page !== '404.html')) {
        await ofSize.test(file, async () => {
          const { context, complaints } = await open(opened, { viewport, colorScheme: 'light' })
          try {
            const page = await visit(context, site.origin + urlOf(file))
            assert.equal(await page.locator('h1').count(), 1)
            assert.notEqual((await page.locator('h1').textContent())?.trim(), '')
            assert.equal(
              await page.evaluate('document.documentElement.scrollWidth'),
              viewport.width,
              'it is wider than the window',
            )
            await page.addScriptTag({ path: axe })
            // The phone's page is the same, laid out in another way.
            if (size === 'desk') assert.deepEqual(await inaccessible(page), [])
            await page.emulateMedia({ colorScheme: 'dark' })
            await page.locator('html.dark').waitFor()
            assert.deepEqual(await inaccessible(page, contrast), [], 'dark')
            assert.deepEqual(complaints, [])
          } finally {
            await context.close()
          }
        })
      }
    })
  }

  await t.test('what is searched for is found', async () => {
    const { context, complaints } = await open(opened, { viewport: sizes.desk })
    const page = await visit(context, `${site.origin}/`)
    await page.getByRole('button', { name: 'Search' }).click()
    // It stands in a README, and on the page that takes it over.
    await page.getByRole('searchbox').fill('unknown-position')
    await page.locator('.VPLocalSearchBox .result', { hasText: 'Leaving' }).first().click()
    await page.waitForURL(/\/guide\/leaving/)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test(
    'the charts of a report are drawn, chosen from, and tell their samples',
    async () => {
      const { context, complaints } = await open(opened, { viewport: sizes.desk })
      const page = await visit(context, `${site.origin}/reports/${inventedReport}`)
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
    const { context, complaints } = await open(opened, {
      viewport: sizes.desk,
      javaScriptEnabled: false,
    })
    const page = await context.newPage()
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
