import type { Comparison, Verdict } from '../comparison.js'
import { formatInterval, formatQuantity } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import { table } from './table.js'

/** In the order in which they are told: what is lost first. */
const headings: readonly (readonly [Verdict, string])[] = [
  ['loses', 'Where @reuse loses'],
  ['wins', 'Where @reuse wins'],
  ['no difference', 'No difference that can be told'],
  ['too few rounds', 'Too few rounds to tell'],
]

/** What the samples say of @reuse beside each of the others, made from the figures alone. */
export function verdictSections(comparisons: readonly Comparison[]): string[] {
  return headings.flatMap(([verdict, heading]) => {
    const found = comparisons.filter((comparison) => comparison.verdict === verdict)
    if (found.length > 0) return [`## ${heading}`, comparisonTable(found)]
    return verdict === 'too few rounds' ? [] : [`## ${heading}`, 'Nowhere in this run.']
  })
}

/** `loses 2, wins 13, no difference 4` */
export function countVerdicts(comparisons: readonly Comparison[]): string {
  return headings
    .map(([verdict]) => {
      return [verdict, comparisons.filter((each) => each.verdict === verdict).length] as const
    })
    .filter(([, count]) => count > 0)
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(', ')
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  const rows = comparisons.map(({ scenario, case: each, reuse, other, ratio }) => [
    `[${scenario.name}](${scenario.name}.md)`,
    each.name,
    reuse.metric,
    formatSide(reuse.side, undefined),
    formatQuantity(summaryOf(reuse), reuse.unit),
    formatSide(other.side, scenario.ideal),
    formatQuantity(summaryOf(other), other.unit),
    formatInterval(ratio),
  ])
  const head = ['scenario', 'case', 'metric', 'side', 'figure', 'beside', 'figure', 'ratio (95 %)']
  return table([head, ...rows], 'llllrlrr')
}

/** `separate ports (the ideal)` */
export function formatSide(side: string, ideal: string | undefined): string {
  return side === ideal ? `${side} (the ideal)` : side
}
