import { comparisonsOf } from '../comparison.js'
import type { Report } from '../schema.js'
import { headlinePicture } from './headline.js'
import { table } from './table.js'
import { countVerdicts } from './verdicts.js'

export interface NamedReport {
  /** The name of its file without its ending. */
  name: string
  report: Report
}

/** All runs, the newest first. */
export function indexPage(reports: readonly NamedReport[], headline: boolean): string {
  const rows = reports.map(({ name, report }) => [
    `[${report.taken.slice(0, 10)}](${name}/README.md)`,
    `${report.machine.processors} × ${report.machine.processor}`,
    report.versions.node ?? '',
    report.scenarios.map((scenario) => scenario.name).join(', '),
    countVerdicts(report.scenarios.flatMap(comparisonsOf)),
  ])
  const head = ['taken', 'processor', 'Node', 'scenarios', '@reuse']
  return [
    '# Published benchmarks',
    'Made by `npm run report` from the JSON files beside this page. Do not edit it: run that again.',
    ...(headline ? [headlinePicture('The newest findings in short')] : []),
    reports.length === 0 ? 'No run has been published yet.' : table([head, ...rows], 'lllll'),
  ].join('\n\n')
}
