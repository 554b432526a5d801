import { existsSync, readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the published reports. */
export const reportsFolder = fileURLToPath(new URL('../../../benchmarks/reports', import.meta.url))

/** The reports' names, the newest first: a name begins with the day. */
export function reportNames(): string[] {
  if (!existsSync(reportsFolder)) return []
  return readdirSync(reportsFolder)
    .filter((file) => file.endsWith('.json') && file !== 'biome.json')
    .map((file) => path.basename(file, '.json'))
    .sort()
    .reverse()
}

/** Puts the raw samples and the still pictures beside the built pages. */
export async function publishFiles(built: string): Promise<void> {
  if (!existsSync(reportsFolder)) return
  await cp(reportsFolder, path.join(built, 'reports'), {
    recursive: true,
    filter: (file) => !/\.md$|biome\.json$/.test(file),
  })
}
