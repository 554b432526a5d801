import { chartsOf } from '../charts/charts-of.js'
import { headlineCharts } from '../charts/headline.js'
import { type LastMeasured, missingFrom } from '../last-measured.js'
import { type NamedReport, newestFirst } from '../published.js'
import { renderHeadline } from './headline.js'
import { indexPage } from './index-page.js'
import { renderPicture } from './picture.js'
import { reportPage } from './report-page.js'
import { scenarioPage } from './scenario-page.js'
import { sourceLine } from './source-line.js'

/** All files of the published reports, by path: the same reports give the same bytes. */
export function renderReports(reports: readonly NamedReport[]): Map<string, string> {
  const files = new Map<string, string>()
  const sorted = newestFirst(reports)
  const headline = fullestHeadline(sorted)
  for (const [file, picture] of headline) files.set(file, picture)
  files.set('README.md', page(indexPage(sorted, headline.size > 0)))
  for (const each of sorted) {
    for (const [file, text] of renderReport(each, missingFrom(each, sorted))) {
      files.set(`${each.name}/${file}`, text)
    }
  }
  return files
}

/**
 * The files of one report, by path in its folder.
 *
 * @param missing the scenarios that this report lacks, and which report beside it has them
 */
export function renderReport(
  named: NamedReport,
  missing: readonly LastMeasured[] = [],
): Map<string, string> {
  const { report } = named
  const source = sourceLine(report)
  const headline = renderHeadline(report)
  return new Map([
    ['README.md', page(reportPage(named, missing, headline.size > 0))],
    ...headline,
    ...report.scenarios.flatMap((scenario): [string, string][] => {
      const charts = chartsOf(scenario).map((chart) => ({
        chart,
        name: `${scenario.name}-${chart.id}`,
        description: chart.title,
      }))
      return [
        [`${scenario.name}.md`, page(scenarioPage(report, scenario, charts))],
        ...charts.flatMap(({ chart, name }) =>
          renderPicture(name, [chart], { title: scenario.question, source }),
        ),
      ]
    }),
  ])
}

/** The pictures of the run that has most of them, the first of several: the project's README shows them. */
function fullestHeadline(reports: readonly NamedReport[]): ReadonlyMap<string, string> {
  const counts = reports.map(({ report }) => headlineCharts(report.scenarios).length)
  const fullest = reports[counts.indexOf(Math.max(...counts))]
  return fullest === undefined ? new Map() : renderHeadline(fullest.report)
}

function page(text: string): string {
  return `${text}\n`
}
