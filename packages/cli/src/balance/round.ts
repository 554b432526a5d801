/** The balance of load among members of a group: pure, from samples to weights. */
import { fresh, nextStanding, type Standing } from './standing.js'
import { type Sample, waitAt } from './wait.js'

/**
 * One round: where each member stands after it. A member that has joined begins with the weight 1; one that
 * is not among the samples is forgotten.
 *
 * Each is compared with what is typical in its group, not with a fixed limit: where all are equally busy,
 * nothing changes.
 *
 * @param before by member
 * @param samples by member
 * @param elapsed since the round before, in milliseconds
 */
export function playRound<Key>(
  before: ReadonlyMap<Key, Standing>,
  samples: ReadonlyMap<Key, Sample>,
  elapsed: number,
): ReadonlyMap<Key, Standing> {
  const waits = new Map([...samples].map(([key, sample]) => [key, waitAt(sample, elapsed)]))
  const typical = lowerMedian([...waits.values()].filter((wait) => wait !== null))
  return new Map(
    [...waits].map(([key, wait]) => [key, nextStanding(before.get(key) ?? fresh, wait, typical)]),
  )
}

/**
 * By what the members' own weights are multiplied. The mean is 1, so that all of them together get what they
 * got before, beside a canary and programs that are not balanced.
 */
export function factorsOf<Key>(standings: ReadonlyMap<Key, Standing>): ReadonlyMap<Key, number> {
  const sum = [...standings.values()].reduce((sum, { weight }) => sum + weight, 0)
  const mean = sum / standings.size
  return new Map([...standings].map(([key, { weight }]) => [key, rounded(weight / mean)]))
}

/** Of an even number of members the lower one: of two, one may be compared with the other. */
function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}

/** Members tell it to each other in words. */
function rounded(factor: number): number {
  return Math.round(factor * 1000) / 1000
}
