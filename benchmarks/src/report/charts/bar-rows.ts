import { spreadOf } from '../../statistics.js'
import { type Comparison, formatComparison, isReuse } from '../comparison.js'
import { formatNumber, formatRatio } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import type { Case, Measure } from '../schema.js'

/** One bar, with what is written beside it. */
export interface BarRow {
  /** Its place on the chart's y axis. */
  key: string
  side: string
  value: number
  low: number
  high: number
  valueText: string
  /** @reuse's ratio to this side; empty for @reuse itself. */
  ratioText: string
  intervalText: string
  verdict: string
  samples: readonly number[]
}

/** A case, with its bars from the best to the worst. */
export interface BarGroup {
  key: string
  name: string
  rows: BarRow[]
}

export function barGroup(
  each: Case,
  metric: string,
  comparisons: readonly Comparison[],
): BarGroup | undefined {
  const measures = each.measures.filter((measure) => measure.metric === metric)
  if (measures.length === 0) return undefined
  const compared = measures.find(({ side }) => isReuse(side))
  const rows = measures.map((measure) => {
    const comparison = comparisons.find(
      ({ reuse, other }) => reuse === compared && other === measure,
    )
    return barRow(each, measure, comparison)
  })
  const lessFirst = measures[0]?.better === 'less'
  rows.sort((a, b) => (lessFirst ? a.value - b.value : b.value - a.value))
  return { key: each.name, name: each.name, rows }
}

function barRow({ name }: Case, measure: Measure, comparison: Comparison | undefined): BarRow {
  const { low, high } = spreadOf(measure.samples)
  const value = summaryOf(measure)
  return {
    key: `${name}: ${measure.side}`,
    side: measure.side,
    value,
    // A mean may lie outside of the quartiles; the whisker always meets its bar.
    low: Math.min(low, value),
    high: Math.max(high, value),
    valueText: formatNumber(value),
    ratioText: ratioText(comparison),
    intervalText: comparison === undefined ? '' : formatComparison(comparison),
    verdict: verdictText(comparison),
    samples: measure.samples,
  }
}

function ratioText(comparison: Comparison | undefined): string {
  if (comparison === undefined) return ''
  return formatComparison(comparison, ({ value }) => formatRatio(value))
}

/** The verdict follows a figure, so it says who wins or loses. */
function verdictText(comparison: Comparison | undefined): string {
  const verdict = comparison?.verdict ?? ''
  return verdict === 'wins' || verdict === 'loses' ? `@reuse ${verdict}` : verdict
}
