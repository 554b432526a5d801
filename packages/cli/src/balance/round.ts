/** Balances load among the members of a group: pure functions, from samples to weights. */
import { fresh, nextStanding, type Standing } from './standing.js'
import { type Sample, waitAt } from './wait.js'

/**
 * Plays one round: returns where each member stands after it. A member that has joined begins with weight 1;
 * a member that is not among the samples is forgotten.
 *
 * Each member is compared with what is typical in its group, not with a fixed limit: if all are equally busy,
 * nothing changes.
 *
 * @param before by member
 * @param samples by member
 * @param elapsed since the previous round, in milliseconds
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
 * The factors by which the members' own weights are multiplied. Their mean is 1, so that the members together
 * get as much as before, relative to a canary and to programs that are not balanced.
 */
export function factorsOf<Key>(standings: ReadonlyMap<Key, Standing>): ReadonlyMap<Key, number> {
  const sum = [...standings.values()].reduce((sum, { weight }) => sum + weight, 0)
  const mean = sum / standings.size
  return new Map([...standings].map(([key, { weight }]) => [key, rounded(weight / mean)]))
}

/** Of an even number of values, the lower median: so one of two members is compared with the other. */
function lowerMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0
}

/** Members send factors to each other as text. */
function rounded(factor: number): number {
  return Math.round(factor * 1000) / 1000
}
