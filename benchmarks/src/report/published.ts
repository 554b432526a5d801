import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readReport } from './file.js'
import type { Report } from './schema.js'

export interface NamedReport {
  /** The name of its file without the extension. */
  name: string
  report: Report
}

const ending = '.json'

/** Reads reports from these files; each report is named after its file. */
export function readReports(files: readonly string[]): NamedReport[] {
  return files.map((file) => ({ name: path.basename(file, ending), report: readReport(file) }))
}

/** The same reports, those that were taken last first. */
export function newestFirst(reports: readonly NamedReport[]): NamedReport[] {
  return [...reports].sort(
    (a, b) => b.report.taken.localeCompare(a.report.taken, 'en') || (a.name < b.name ? -1 : 1),
  )
}

/** The reports that are in a folder. */
export function reportFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending) && name !== 'biome.json')
    .sort()
    .map((name) => path.join(folder, name))
}

/** What was previously rendered into a folder, by path in it. */
export function readRendered(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(md|svg)$/.test(name))
    .map((name) => name.split(path.sep).join('/'))
    .sort()
  return new Map(names.map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]))
}

/** Writes what was rendered, and removes what was rendered before and is not among it. */
export function writeRendered(folder: string, files: ReadonlyMap<string, string>): void {
  mkdirSync(folder, { recursive: true })
  for (const name of readRendered(folder).keys()) {
    if (!files.has(name)) rmSync(path.join(folder, name))
  }
  for (const [name, text] of files) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
}
