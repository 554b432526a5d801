import { quantileSorted } from 'simple-statistics'

export interface Spread {
  min: number
  /** A quarter of the values lies below `low`, and a quarter above `high`. */
  low: number
  high: number
  max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => (sorted.length === 0 ? Number.NaN : quantileSorted(sorted, part))
  return { min: at(0), low: at(0.25), high: at(0.75), max: at(1) }
}

const ranks = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99, 'p99.9': 0.999, max: 1 }

export type Percentile = keyof typeof ranks

/** The named percentiles of the values. */
export function percentilesOf<Name extends Percentile>(
  values: readonly number[],
  names: readonly Name[],
): [name: Name, value: number][] {
  const sorted = [...values].sort((a, b) => a - b)
  return names.map((name) => [name, quantileSorted(sorted, ranks[name])])
}

/** About how many of `count` values lie beyond a percentile. */
export function beyondPercentile(name: Percentile, count: number): number {
  return Math.round((1 - ranks[name]) * count)
}
