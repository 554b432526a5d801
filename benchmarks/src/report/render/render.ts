import { chartsOf } from '../charts/charts-of.js'
import { headlineCharts } from '../charts/headline.js'
import { indexPage, type NamedReport } from './index-page.js'
import { reportPage } from './report-page.js'
import { scenarioPage } from './scenario-page.js'
import { sourceLine } from './source-line.js'
import { renderSvg } from './svg.js'

/** The picture of the project's README. */
const headlineFile = 'headline.svg'

/** All files of the published reports, by their paths: the same reports give the same bytes. */
export function renderReports(reports: readonly NamedReport[]): Map<string, string> {
  const files = new Map<string, string>()
  const newestFirst = [...reports].sort(
    (a, b) => b.report.taken.localeCompare(a.report.taken, 'en') || (a.name < b.name ? -1 : 1),
  )
  const headline = renderHeadline(newestFirst)
  if (headline !== undefined) files.set(headlineFile, headline)
  files.set('README.md', page(indexPage(newestFirst, headline && headlineFile)))
  for (const each of newestFirst) {
    for (const [file, text] of renderReport(each)) files.set(`${each.name}/${file}`, text)
  }
  return files
}

/** The files of one report, by their paths in its folder. */
export function renderReport({ name, report }: NamedReport): Map<string, string> {
  const source = sourceLine(report)
  return new Map([
    ['README.md', page(reportPage(report, name))],
    ...report.scenarios.flatMap((scenario): [string, string][] => {
      const charts = chartsOf(scenario).map((chart) => ({
        chart,
        file: `${scenario.name}-${chart.id}.svg`,
        description: chart.title,
      }))
      return [
        [`${scenario.name}.md`, page(scenarioPage(report, scenario, charts))],
        ...charts.map(({ chart, file }): [string, string] => [
          file,
          renderSvg([chart], { title: scenario.question, source }),
        ]),
      ]
    }),
  ])
}

/** Of the newest run that has something for it. */
function renderHeadline(newestFirst: readonly NamedReport[]): string | undefined {
  for (const { report } of newestFirst) {
    const charts = headlineCharts(report.scenarios)
    const title = 'One port, several programs: @reuse beside the other ways'
    if (charts.length > 0) return renderSvg(charts, { title, source: sourceLine(report) })
  }
  return undefined
}

function page(text: string): string {
  return `${text}\n`
}
