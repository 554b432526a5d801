import { existsSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NamedReport, newestFirst, readReports, reportFiles } from '@reuse/benchmarks/report'

/** The folder of the published reports. */
export const reportsFolder = fileURLToPath(new URL('../../../benchmarks/reports', import.meta.url))

/** The reports, the newest first. */
export function publishedReports(): NamedReport[] {
  return existsSync(reportsFolder) ? newestFirst(readReports(reportFiles(reportsFolder))) : []
}

/** Puts the raw samples and the still pictures beside the built pages. */
export async function publishFiles(built: string): Promise<void> {
  if (!existsSync(reportsFolder)) return
  await cp(reportsFolder, path.join(built, 'reports'), {
    recursive: true,
    filter: (file) => !/\.md$|biome\.json$/.test(file),
  })
}
