import assert from 'node:assert/strict'
import { test } from 'node:test'
import { scenarioNames } from '../../src/report/last-measured.js'
import { renderReports } from '../../src/report/render/render.js'
import { scenarios } from '../../src/scenarios/index.js'
import { around, everyKind, measure, report, scenario } from './fixture.js'

const rendered = renderReports([{ name: 'a-run', report: report(everyKind()) }])

function file(name: string, files: ReadonlyMap<string, string> = rendered): string {
  const text = files.get(name)
  assert.ok(text !== undefined, `${name} was not rendered: ${[...files.keys()].join(', ')}`)
  return text
}

/** The rows of the table below a heading. */
function rowsBelow(heading: string, text: string): string[] {
  const [, section = ''] = text.split(`## ${heading}\n`)
  return (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('|'))
}

test('rendering the same reports twice gives the same bytes', () => {
  const again = renderReports([{ name: 'a-run', report: report(everyKind()) }])
  assert.deepEqual([...again], [...rendered])
})

test('there is a page for each scenario, and a picture for each kind of chart', () => {
  assert.deepEqual(
    new Set(rendered.keys()),
    new Set([
      'README.md',
      'headline.svg',
      'headline-wide.svg',
      'a-run/README.md',
      'a-run/headline.svg',
      'a-run/headline-wide.svg',
      'a-run/throughput.md',
      'a-run/throughput-requests-per-second.svg',
      'a-run/throughput-requests-per-second-wide.svg',
      'a-run/scale.md',
      'a-run/scale-requests-per-second.svg',
      'a-run/scale-requests-per-second-wide.svg',
      'a-run/scale-requests-per-second-beside-separate-ports.svg',
      'a-run/scale-requests-per-second-beside-separate-ports-wide.svg',
      'a-run/tail.md',
      'a-run/tail-latency.svg',
      'a-run/tail-latency-wide.svg',
      'a-run/restart.md',
      'a-run/restart-failed.svg',
      'a-run/restart-failed-wide.svg',
    ]),
  )
})

test('every link on a rendered page leads to a file', () => {
  const pages = [...rendered].filter(([name]) => name.endsWith('.md'))
  for (const [name, text] of pages) {
    for (const [, link, picture] of text.matchAll(/\]\(([^)]+)\)|(?:src|srcset)="([^"]+)"/g)) {
      const target = link ?? picture ?? ''
      const { pathname } = new URL(target, `file:///${name}`)
      assert.ok(rendered.has(pathname.slice(1)) || pathname === '/a-run.json', `${name}: ${target}`)
    }
  }
})

test('what @reuse loses is listed first, and not among its wins', () => {
  const page = file('a-run/README.md')
  const losses = rowsBelow('Where @reuse loses', page).slice(2)
  assert.equal(losses.length, 1)
  assert.match(losses[0] ?? '', /faster.*0\.86 \(0\.86 to 0\.86\)/)
  const wins = rowsBelow('Where @reuse wins', page)
  assert.ok(!wins.some((row) => row.includes('faster')))
  assert.ok(wins.some((row) => /single listener.*1\.90/.test(row)))
  assert.ok(page.indexOf('Where @reuse loses') < page.indexOf('Where @reuse wins'))
  assert.match(rowsBelow('No measurable difference', page).join(), /separate ports \(the ideal\)/)
})

test('sides are ordered from winner to loser, with their figures in the picture', () => {
  const svg = file('a-run/throughput-requests-per-second-wide.svg')
  const texts = [...svg.matchAll(/<text[^>]*>([^<]+)<\/text>/g)].map(([, text]) => text)
  assert.ok(texts.includes('2,206') && texts.includes('0.86 (0.86 to 0.86)'), texts.join(' | '))
  assert.ok(
    texts.includes('@reuse loses') &&
      texts.includes('@reuse wins') &&
      texts.includes('no difference'),
  )
  const [, figures = ''] = file('a-run/throughput.md').split('## Figures')
  assert.ok(figures.indexOf('| faster ') < figures.indexOf('| @reuse '))
  assert.ok(figures.indexOf('| @reuse ') < figures.indexOf('| single listener '))
})

test('a page says if @reuse loses nowhere, and where there were too few rounds', () => {
  const few = scenario([measure('@reuse', around(1, 3)), measure('other', around(2, 3))])
  const page = file('few/README.md', renderReports([{ name: 'few', report: report([few]) }]))
  assert.match(page, /## Where @reuse loses\n\nNowhere in this run\./)
  assert.equal(rowsBelow('Too few rounds to tell', page).length, 3)
})

test('a side that could not be measured is listed with the reason', () => {
  const skipped = [{ side: 'nginx in front', reason: 'nginx is not | installed' }]
  const files = renderReports([{ name: 'a', report: report([scenario([], { skipped })]) }])
  assert.match(
    file('a/throughput.md', files),
    /\| nginx in front \| nginx is not \\\| installed \|/,
  )
})

test('pictures are SVG without scripts, with a dark mode and the machine’s details', () => {
  for (const [name, text] of rendered) {
    if (!name.endsWith('.svg')) continue
    assert.match(text, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"/, name)
    assert.match(text, /prefers-color-scheme: dark/, name)
    const words = [...text.matchAll(/<text[^>]*>([^<]+)<\/text>/g)]
      .map(([, line]) => line)
      .join(' ')
    assert.match(
      words,
      /2 × Invented 9000 · 8 GiB · Linux x64, kernel 6\.18\.44 · Node 24\.21\.0 · 2026-11-22/,
    )
    assert.doesNotMatch(text, /NaN|undefined|Infinity|<script/, name)
  }
})

test('the index says if there is no report, and lists the newest report first', () => {
  assert.match(file('README.md', renderReports([])), /No run has been published yet/)
  const older = { ...report(everyKind()), taken: '2025-01-01T00:00:00.000Z' }
  const newer = report([scenario([measure('@reuse', around(1))])])
  const index = file(
    'README.md',
    renderReports([
      { name: 'old', report: older },
      { name: 'new', report: newer },
    ]),
  )
  assert.ok(index.indexOf('(new/README.md)') < index.indexOf('(old/README.md)'))
})

test('a page lists scenarios missing from its run, and the index finds them elsewhere', () => {
  const newer = { ...report([scenario([])]), taken: '2026-11-23T00:00:00.000Z' }
  const files = renderReports([
    { name: 'all', report: report(everyKind()) },
    { name: 'one', report: newer },
  ])
  const [, missing = ''] = file('one/README.md', files).split('**Not in this run:**\n\n')
  const lines = (missing.split('\n\n')[0] ?? '').split('\n')
  assert.equal(lines.length, scenarioNames.length - 1)
  assert.ok(lines.includes('- [tail](../all/tail.md): in the run [all](../all/README.md)'), missing)
  assert.ok(lines.includes('- manager: in no published run'), missing)

  const rows = rowsBelow('Where each scenario is', file('README.md', files)).slice(2)
  assert.equal(rows.length, scenarioNames.length)
  assert.match(rows[0] ?? '', /\[throughput\]\(one\/throughput\.md\).*\[one\]\(one\/README\.md\)/)
  assert.match(rows.join('\n'), /\[tail\]\(all\/tail\.md\).*\[all\]\(all\/README\.md\)/)
  assert.match(rows.at(-1) ?? '', /manager.*in no published run/)
})

test('the report knows the name of every scenario that can be measured', () => {
  assert.deepEqual([...scenarioNames], [...scenarios.keys()])
})

test('a picture says which line ends before the others, and where', () => {
  const [, scale] = everyKind()
  assert.ok(scale !== undefined)
  const cases = scale.cases.map((each) => ({
    ...each,
    measures: each.measures.filter(({ side }) => each.name !== '4 members' || side !== '@reuse'),
  }))
  const files = renderReports([{ name: 'cut', report: report([{ ...scale, cases }]) }])
  for (const name of [
    'scale-requests-per-second',
    'scale-requests-per-second-beside-separate-ports',
  ]) {
    assert.match(file(`cut/${name}-wide.svg`, files), />Not measured with 4 members: @reuse</, name)
    assert.doesNotMatch(file(`a-run/${name}-wide.svg`), /Not measured/, name)
  }
})
