import { existsSync, readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NamedReport, readReport } from '@reuse/benchmarks/report'

/** The folder of the published reports. */
export const reportsFolder = fileURLToPath(new URL('../../../benchmarks/reports', import.meta.url))

/** The reports' names. */
export function reportNames(): string[] {
  if (!existsSync(reportsFolder)) return []
  return readdirSync(reportsFolder)
    .filter((file) => file.endsWith('.json') && file !== 'biome.json')
    .map((file) => path.basename(file, '.json'))
}

/** The reports, the newest first. */
export function newestFirst(): NamedReport[] {
  return reportNames()
    .map((name) => ({ name, report: readReport(path.join(reportsFolder, `${name}.json`)) }))
    .sort((a, b) => b.report.taken.localeCompare(a.report.taken, 'en'))
}

/** Puts the raw samples and the still pictures beside the built pages. */
export async function publishFiles(built: string): Promise<void> {
  if (!existsSync(reportsFolder)) return
  await cp(reportsFolder, path.join(built, 'reports'), {
    recursive: true,
    filter: (file) => !/\.md$|biome\.json$/.test(file),
  })
}
