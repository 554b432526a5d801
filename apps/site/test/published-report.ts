import { readdirSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Report, readReport } from '@reuse/benchmarks/report'

const folder = fileURLToPath(new URL('../../../../benchmarks/reports', import.meta.url))

/**
 * The newest of the published reports that has restarts, and therefore a picture: a run of one or two
 * scenarios has none. Tests must not depend on its figures.
 */
export function newestReport(): { name: string; report: Report } {
  const reports = readdirSync(folder)
    .filter((file) => file.endsWith('.json') && file !== 'biome.json')
    .map((file) => ({
      name: path.basename(file, '.json'),
      report: readReport(path.join(folder, file)),
    }))
    .filter(({ report }) => report.scenarios.some((scenario) => scenario.name === 'restart'))
    .sort((a, b) => b.report.taken.localeCompare(a.report.taken, 'en'))
  const [newest] = reports
  if (newest === undefined) throw new Error(`there is no report of restarts in ${folder}`)
  return newest
}
