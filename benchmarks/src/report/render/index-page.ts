import { comparisonsOf } from '../comparison.js'
import { lastMeasured } from '../last-measured.js'
import type { NamedReport } from '../published.js'
import { headlineName } from './headline.js'
import { showPicture } from './picture.js'
import { table } from './table.js'
import { countVerdicts } from './verdicts.js'

/** All runs, the newest first. */
export function indexPage(reports: readonly NamedReport[], headline: boolean): string {
  const rows = reports.map(({ name, report }) => [
    reportLink(name),
    `${report.machine.processors} × ${report.machine.processor}`,
    report.versions.node ?? '',
    report.scenarios.map((scenario) => scenario.name).join(', '),
    countVerdicts(report.scenarios.flatMap(comparisonsOf)),
  ])
  const head = ['taken', 'processor', 'Node', 'scenarios', '@reuse']
  return [
    '# Published benchmarks',
    'Made by `npm run report` from the JSON files beside this page. Do not edit it: run that again.',
    ...(headline
      ? [showPicture(headlineName, 'The findings of the run that has the most of them, in short')]
      : []),
    ...(reports.length === 0
      ? ['No run has been published yet.']
      : [table([head, ...rows], 'lllll'), '## Where each scenario is', scenarioTable(reports)]),
  ].join('\n\n')
}

/** The newest run that has each scenario: not every run has all of them. */
function scenarioTable(reports: readonly NamedReport[]): string {
  const rows = lastMeasured(reports).map(({ scenario, report, question }) => [
    report === null ? scenario : `[${scenario}](${report}/${scenario}.md)`,
    question ?? '',
    report === null ? 'in no published run' : reportLink(report),
  ])
  return table([['scenario', 'question', 'newest run that has it'], ...rows], 'lll')
}

function reportLink(name: string): string {
  return `[${name}](${name}/README.md)`
}
