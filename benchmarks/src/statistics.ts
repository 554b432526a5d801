import { quantileSorted } from 'simple-statistics'

export interface Summary {
  median: number
  p95: number
  max: number
}

export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b)
  if (sorted.length === 0) return { median: Number.NaN, p95: Number.NaN, max: Number.NaN }
  return {
    median: quantileSorted(sorted, 0.5),
    p95: quantileSorted(sorted, 0.95),
    max: quantileSorted(sorted, 1),
  }
}

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

export function formatSummary({ median, p95, max }: Summary): string {
  return `median ${median.toFixed(1)}, p95 ${p95.toFixed(1)}, max ${max.toFixed(1)}`
}
