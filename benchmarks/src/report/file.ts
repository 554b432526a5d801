import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import stringify from 'json-stringify-pretty-compact'
import { checkReport, ReportError } from './check.js'
import type { Report } from './schema.js'

/** @throws ReportError that names the file, the place in it, and what is wrong there */
export function readReport(file: string): Report {
  return checkReport(parse(readFileSync(file, 'utf8'), file), file)
}

/** Writes a report, and creates its folder if needed. Refuses a report that no reader would accept. */
export function writeReport(file: string, report: Report): void {
  checkReport(report, file)
  mkdirSync(path.dirname(file), { recursive: true })
  // In one step: a run that is aborted leaves the previous report, not half of a new one.
  const part = `${file}.${process.pid}`
  writeFileSync(part, `${stringify(report, { maxLength: 100 })}\n`)
  renameSync(part, file)
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new ReportError(file, [`/ ${error.message}`])
  }
}
