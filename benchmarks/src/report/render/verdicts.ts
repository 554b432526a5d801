import { type Comparison, formatComparison, type Verdict } from '../comparison.js'
import { formatQuantity } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import { table } from './table.js'

/** In the order in which they are shown: losses first. */
const headings: readonly (readonly [Verdict, string])[] = [
  ['loses', 'Where @reuse loses'],
  ['wins', 'Where @reuse wins'],
  ['no difference', 'No measurable difference'],
  ['too few rounds', 'Too few rounds to tell'],
]

/** What the samples say about @reuse compared with each other side, from the figures alone; collapsed. */
export function verdictSections(comparisons: readonly Comparison[]): string[] {
  return headings.flatMap(([verdict, heading]) => {
    const found = comparisons.filter((comparison) => comparison.verdict === verdict)
    if (found.length > 0) return [`## ${heading}`, folded(found)]
    return verdict === 'too few rounds' ? [] : [`## ${heading}`, 'Nowhere in this run.']
  })
}

/** `@reuse wins 13, loses 2, no difference 4` */
export function countVerdicts(comparisons: readonly Comparison[]): string {
  const counts = headings
    .map(([verdict]) => {
      return [verdict, comparisons.filter((each) => each.verdict === verdict).length] as const
    })
    .filter(([, count]) => count > 0)
  return counts.map(([verdict, count]) => `${verdict} ${count}`).join(', ')
}

function folded(comparisons: readonly Comparison[]): string {
  const scenarios = [...new Set(comparisons.map(({ scenario }) => scenario))]
  return scenarios
    .map((scenario) => {
      const found = comparisons.filter((each) => each.scenario === scenario)
      const summary = `<summary>${scenario.name}: ${found.length}</summary>`
      return `<details>\n${summary}\n\n${comparisonTable(found)}\n\n</details>`
    })
    .join('\n\n')
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map((comparison) => {
    const { scenario, case: each, reuse, other } = comparison
    return [
      `[${scenario.name}](${scenario.name}.md)`,
      each.name,
      reuse.metric,
      formatSide(reuse.side, undefined),
      formatQuantity(summaryOf(reuse), reuse.unit),
      formatSide(other.side, scenario.ideal),
      formatQuantity(summaryOf(other), other.unit),
      formatComparison(comparison),
    ]
  })
  const head = ['scenario', 'case', 'metric', 'side', 'figure', 'beside', 'figure', 'ratio (95 %)']
  return table([head, ...rows], 'llllrlrr')
}

/** `separate ports (the ideal)` */
export function formatSide(side: string, ideal: string | undefined): string {
  return side === ideal ? `${side} (the ideal)` : side
}
