/** `npm run report [-- FILE …]`; see the README. */
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ReportError } from './check.js'
import { readReports, reportFiles, writeRendered } from './published.js'
import { renderReport, renderReports } from './render/render.js'

const published = fileURLToPath(new URL('../../../reports', import.meta.url))

const usage = `Usage: npm run report [-- FILE …]
  Renders the published reports, benchmarks/reports/*.json, to Markdown and SVG.
  With files it renders these instead, each to a folder of its name beside it.`

function main(): void {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    console.log(usage)
    return
  }
  if (positionals.length === 0) {
    const reports = readReports(reportFiles(published))
    writeRendered(published, renderReports(reports))
    console.log(`rendered ${reports.length} reports to ${path.join(published, 'README.md')}`)
    return
  }
  // npm runs this program in a different folder than the one in which the command was typed.
  const files = positionals.map((file) => path.resolve(process.env.INIT_CWD ?? '', file))
  for (const [index, each] of readReports(files).entries()) {
    const folder = path.join(path.dirname(files[index] ?? ''), each.name)
    writeRendered(folder, renderReport(each))
    console.log(`rendered ${path.join(folder, 'README.md')}`)
  }
}

try {
  main()
} catch (error) {
  if (!isUsersFault(error)) throw error
  console.error(error.message)
  process.exitCode = 2
}

/** A missing file, a file that is not a report, or an unknown option. */
function isUsersFault(error: unknown): error is Error {
  if (error instanceof ReportError) return true
  if (!(error instanceof Error && 'code' in error)) return false
  return error.code === 'ENOENT' || `${error.code}`.startsWith('ERR_PARSE_ARGS')
}
