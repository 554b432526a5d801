import { spreadOf } from '../../statistics.js'
import { type Comparison, comparisonsOf, formatComparison, isReuse } from '../comparison.js'
import { describeMetric, formatNumber } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import type { Case, Measure, Report, Scenario } from '../schema.js'
import { showPicture } from './picture.js'
import { sourceLine } from './source-line.js'
import { table } from './table.js'
import { formatSide } from './verdicts.js'

/** A picture of a chart, and what it shows. */
export interface Picture {
  name: string
  description: string
}

/** One scenario: its charts, and every figure that they were drawn from. */
export function scenarioPage(
  report: Report,
  scenario: Scenario,
  pictures: readonly Picture[],
): string {
  const comparisons = comparisonsOf(scenario)
  return [
    `# ${scenario.name}`,
    scenario.question,
    `${sourceLine(report)}. [All scenarios of this run](README.md).`,
    ...pictures.map(({ name, description }) => showPicture(name, description)),
    ...skipped(scenario),
    '## Settings',
    table(
      [['setting', 'value'], ...Object.entries(scenario.settings).map(([k, v]) => [k, `${v}`])],
      'll',
    ),
    '## Figures',
    `A figure is the median over the rounds, and the spread its quartiles, unless the column says that
it is a mean. The ratio is that of ${reuseSides(scenario)} to the side, made from samples that were
taken beside each other, with its 95 % interval.`,
    ...scenario.cases.flatMap((each) => figures(scenario, each, comparisons)),
  ].join('\n\n')
}

function skipped({ skipped }: Scenario): string[] {
  if (skipped.length === 0) return []
  const rows = skipped.map(({ side, reason }) => [side, reason])
  return ['## Not measured here', table([['what', 'why'], ...rows], 'll')]
}

function reuseSides({ cases }: Scenario): string {
  const sides = cases.flatMap(({ measures }) => measures.map(({ side }) => side)).filter(isReuse)
  return [...new Set(sides)].join(' or ') || '@reuse'
}

function figures(
  { cases, ideal }: Scenario,
  each: Case,
  comparisons: readonly Comparison[],
): string[] {
  const metrics = [...new Set(each.measures.map(({ metric }) => metric))]
  const tables = metrics.flatMap((metric) => {
    const measures = each.measures.filter((measure) => measure.metric === metric)
    const [first] = measures
    if (first === undefined) return []
    return [`**${describeMetric(first)}**`, measureTable(measures, ideal, comparisons)]
  })
  return [...(cases.length > 1 ? [`### ${each.name}`] : []), ...tables]
}

function measureTable(
  measures: readonly Measure[],
  ideal: string | undefined,
  comparisons: readonly Comparison[],
): string {
  const sorted = [...measures].sort((a, b) => summaryOf(b) - summaryOf(a))
  if (measures[0]?.better === 'less') sorted.reverse()
  const reuse = measures.filter(({ side }) => isReuse(side))
  const rows = sorted.map((measure) => {
    const { min, low, high, max } = spreadOf(measure.samples)
    const ratios = reuse.flatMap((one) => {
      const found = comparisons.find((each) => each.reuse === one && each.other === measure)
      return found === undefined ? ['', ''] : [formatComparison(found), found.verdict]
    })
    return [
      formatSide(measure.side, ideal),
      formatNumber(summaryOf(measure)),
      `${formatNumber(low)} to ${formatNumber(high)}`,
      `${formatNumber(min)} to ${formatNumber(max)}`,
      `${measure.samples.length}`,
      ...ratios,
    ]
  })
  const columns = reuse.flatMap(({ side }) => [`${side} ÷ side`, ''])
  const head = [
    'side',
    measures[0]?.summary ?? 'median',
    'quartiles',
    'range',
    'rounds',
    ...columns,
  ]
  return table([head, ...rows], `lrrrr${'rl'.repeat(reuse.length)}`)
}
