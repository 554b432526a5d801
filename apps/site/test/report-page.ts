import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { comparisonsOf, type Scenario, verdictOf } from '@reuse/benchmarks/charts'
import { missingFrom } from '@reuse/benchmarks/report'
import type { Page } from 'playwright-core'
import {
  counts,
  inaccessible,
  type Opened,
  open,
  sizes,
  structure,
  visit,
  widthOf,
} from './browser-page.js'
import { inTheWay, smallTexts } from './pictures.js'
import { newestReport } from './published-report.js'

const { name, report } = newestReport()
const { scenarios } = report

/** The page of a report, whatever its results are. */
export async function testReport(t: TestContext, opened: Opened): Promise<void> {
  const address = `${opened.site.origin}/reports/${name}`

  await t.test('a report begins with its verdict, and has all comparisons folded', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, address)
    const told = verdictOf(scenarios).map(({ about, text }) => `${about}: ${text}`)
    assert.deepEqual(await page.locator('.verdict li').allInnerTexts(), told)
    assert.ok(await isDrawn(page, '.headline img'), 'the picture is not shown')
    const missing = missingFrom({ name, report }, []).map(({ scenario }) => scenario)
    const lacks = (await page.locator('.missing li').allInnerTexts()).map(
      (text) => text.split(':')[0],
    )
    assert.deepEqual(lacks, missing)
    const judged = scenarios.flatMap(comparisonsOf).filter((one) => one.verdict !== 'not judged')
    const rows = page.locator('h2#comparisons ~ details tbody tr')
    await counts(rows, judged.length)
    assert.equal(await rows.filter({ visible: true }).count(), 0)
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('a whole report is accessible, and fits on a phone', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.phone })
    await visit(page, address)
    await page.evaluate(
      'document.querySelectorAll("details").forEach((one) => { one.open = true })',
    )
    await page.locator('.chart svg').first().waitFor()
    assert.equal(await widthOf(page), sizes.phone.width, 'it is wider than a phone')
    assert.deepEqual(await smallTexts(page), [])
    assert.deepEqual(await inTheWay(page), [])
    assert.deepEqual(await inaccessible(page, structure), [])
    await page.setViewportSize(sizes.desk)
    assert.deepEqual(await inTheWay(page), [])
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('charts of a report can be filtered, and show their samples', async () => {
    const { context, page, complaints } = await open(opened, { viewport: sizes.desk })
    await visit(page, address)
    const { scenario, metric } = withBars()
    const [chosen] = scenario.cases.slice(-1)
    const sides = measuresOf(chosen, metric).map(({ side }) => side)
    const section = page.locator('section', { has: page.locator(`h2#${scenario.name}`) })
    const bars = section.locator('.chart svg [aria-label=bar] rect')
    await counts(bars, scenario.cases.flatMap((each) => measuresOf(each, metric)).length)

    await section.getByLabel('Case').selectOption(chosen?.name ?? '')
    await counts(bars, sides.length)
    await section.getByRole('checkbox', { name: sides[0] ?? '', exact: true }).uncheck()
    await counts(bars, sides.length - 1)
    const samples = measuresOf(chosen, metric).map((measure) => measure.samples.length)
    const dots = section.locator('.chart svg [aria-label=dot] circle')
    await counts(
      dots,
      samples.slice(1).reduce((sum, count) => sum + count, 0),
    )

    await dots.first().hover({ force: true })
    const tip = section.locator('.chart svg [aria-label=tip]')
    await tip.getByText(`${samples[0]} samples:`).waitFor()
    assert.deepEqual(complaints, [])
    await context.close()
  })

  await t.test('a report shows pictures without JavaScript', async () => {
    const { context, page, complaints } = await open(opened, {
      viewport: sizes.phone,
      javaScriptEnabled: false,
    })
    await page.goto(address)
    const images = page.locator('noscript img')
    assert.ok((await images.count()) >= scenarios.length)
    for (const image of await images.all()) {
      await image.scrollIntoViewIfNeeded()
      const width = await image.evaluate(
        (element: { naturalWidth?: number }) => element.naturalWidth,
      )
      assert.ok(Number(width) > 0, (await image.getAttribute('src')) ?? '')
    }
    assert.equal(await widthOf(page), sizes.phone.width, 'it is wider than a phone')
    assert.deepEqual(complaints, [])
    await context.close()
  })
}

/** A scenario with bars in several cases, and the metric that is shown first. */
function withBars(): { scenario: Scenario; metric: string } {
  for (const scenario of scenarios) {
    const metric = scenario.cases[0]?.measures[0]?.metric ?? ''
    const percentile = / (p\d|max)/.test(metric)
    const compared = scenario.cases.every((each) => measuresOf(each, metric).length > 1)
    const several = scenario.cases.length > 1 && scenario.axis === undefined
    if (several && compared && !percentile) return { scenario, metric }
  }
  throw new Error(`${name} has no scenario with bars in several cases`)
}

function measuresOf(each: Scenario['cases'][number] | undefined, metric: string) {
  return each?.measures.filter((measure) => measure.metric === metric) ?? []
}

async function isDrawn(page: Page, selector: string): Promise<boolean> {
  await page.locator(selector).scrollIntoViewIfNeeded()
  await page.waitForFunction(`document.querySelector(${JSON.stringify(selector)}).complete`)
  return page.locator(selector).evaluate((image: { naturalWidth?: number }) => {
    return Number(image.naturalWidth) > 0
  })
}
