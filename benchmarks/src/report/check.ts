import { Compile } from 'typebox/compile'
import { inconsistencies } from './consistency.js'
import { Report } from './schema.js'

const validator = Compile(Report)

/** What is wrong with a report, and where. */
export class ReportError extends Error {
  override readonly name = 'ReportError'

  constructor(file: string, faults: readonly string[]) {
    super(`${file} is not a report of the benchmarks:\n${faults.map((f) => `  ${f}`).join('\n')}`)
  }
}

/**
 * Returns the value as a report.
 *
 * @param file where the value comes from, for the error
 * @throws ReportError that names the file, the place in it, and what is wrong there
 */
export function checkReport(value: unknown, file: string): Report {
  if (!validator.Check(value)) {
    const faults = validator.Errors(value).map(describe)
    throw new ReportError(file, [...new Set(faults)])
  }
  const faults = inconsistencies(value)
  if (faults.length > 0) throw new ReportError(file, faults)
  return value
}

function describe({ instancePath, message, params }: ReturnType<typeof validator.Errors>[number]) {
  const detail = 'additionalProperties' in params ? `: ${params.additionalProperties}` : ''
  return `${instancePath === '' ? '/' : instancePath} ${message}${detail}`
}
