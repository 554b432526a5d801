import { quantileSorted } from 'simple-statistics'

/** The least and the most of the samples, and the quartiles. */
export function spreadOf(samples: readonly number[]) {
  const sorted = [...samples].sort((a, b) => a - b)
  const at = (part: number): number => quantileSorted(sorted, part)
  return { min: at(0), low: at(0.25), high: at(0.75), max: at(1) }
}
