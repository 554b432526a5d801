import { comparisonsOf } from '../comparison.js'
import type { LastMeasured } from '../last-measured.js'
import type { NamedReport } from '../published.js'
import { formatNumber } from '../quantity.js'
import type { Report } from '../schema.js'
import { verdictOf } from '../verdict.js'
import { headlineName } from './headline.js'
import { showPicture } from './picture.js'
import { table } from './table.js'
import { countVerdicts, verdictSections } from './verdicts.js'

/** One run: where it was taken, what it says, and its scenarios. */
export function reportPage(
  { name, report }: NamedReport,
  missing: readonly LastMeasured[],
  pictured: boolean,
): string {
  const { machine, scenarios } = report
  const comparisons = scenarios.flatMap(comparisonsOf)
  return [
    `# Benchmarks ${name}`,
    ...verdict(report),
    ...(pictured ? [showPicture(headlineName, 'These findings as bars')] : []),
    '## Scenarios',
    table(
      [
        ['scenario', 'question', '@reuse'],
        ...scenarios.map((scenario) => [
          `[${scenario.name}](${scenario.name}.md)`,
          scenario.question,
          countVerdicts(comparisonsOf(scenario)),
        ]),
      ],
      'lll',
    ),
    ...notInThisRun(missing),
    verdictNote,
    ...verdictSections(comparisons),
    '## Machine and versions',
    table(
      [
        ['', ''],
        ['processor', `${machine.processors} × ${machine.processor}`],
        ['memory', `${formatNumber(machine.memory / 2 ** 30)} GiB`],
        ['system', `${machine.system}, kernel ${machine.kernel}`],
        ['taken', report.taken],
        ...Object.entries(report.versions),
      ],
      'll',
    ),
    `Taken by \`${report.command}\`. The [raw samples](../${name}.json) are the only source of the
figures here; \`npm run report\` made these pages from them. [All runs](../README.md).`,
  ].join('\n\n')
}

/** The verdict in sentences, above everything else. */
function verdict({ scenarios }: Report): string[] {
  const sentences = verdictOf(scenarios).map(({ about, text }) => `- **${about}**: ${text}`)
  return sentences.length === 0 ? [] : [sentences.join('\n')]
}

/** What the run did not measure, and where a reader finds it. */
function notInThisRun(missing: readonly LastMeasured[]): string[] {
  if (missing.length === 0) return []
  const lines = missing.map(({ scenario, report }) =>
    report === null
      ? `- ${scenario}: in no published run`
      : `- [${scenario}](../${report}/${scenario}.md): in the run [${report}](../${report}/README.md)`,
  )
  return ['**Not in this run:**', lines.join('\n')]
}

const verdictNote = `@reuse **wins** or **loses** where the 95 % interval of the ratio excludes 1. Of comparisons in which
there is no difference, one in twenty or more will look as if there were one: a single ratio near 1
means little, the same in many cases means something.`
