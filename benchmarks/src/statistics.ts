import { quantileSorted } from 'simple-statistics'

export interface Spread {
  min: number
  /** A quarter of the values lies below, and a quarter above `high`. */
  low: number
  high: number
  max: number
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => (sorted.length === 0 ? Number.NaN : quantileSorted(sorted, part))
  return { min: at(0), low: at(0.25), high: at(0.75), max: at(1) }
}
