import { fileURLToPath } from 'node:url'
import { type NamedReport, newestFirst, readReports, reportFiles } from '@reuse/benchmarks/report'

const folder = fileURLToPath(new URL('../../../../benchmarks/reports', import.meta.url))

/**
 * The newest of the published reports that has restarts, and therefore a picture: a run of one or two
 * scenarios has none. Tests must not depend on its figures.
 */
export function newestReport(): NamedReport {
  const reports = newestFirst(readReports(reportFiles(folder)))
  const newest = reports.find(({ report }) =>
    report.scenarios.some((scenario) => scenario.name === 'restart'),
  )
  if (newest === undefined) throw new Error(`there is no report of restarts in ${folder}`)
  return newest
}
