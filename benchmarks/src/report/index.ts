export { checkReport, ReportError } from './check.js'
export { readReport, writeReport } from './file.js'
export type { Case, Measure, Report, Scenario } from './schema.js'
