/** When a worker that ended by itself is started again: pure functions. All times are in milliseconds. */

/** The first delay; each further one is twice as long. */
const shortest = 100
const longest = 15_000

/** A worker that has lived this long works: what ends it later is not what ended it before. */
const steadyAfter = 10_000

/** How many ends in a row are a crash loop, which is reported. */
export const crashLoop = 5

/** How many times in a row a worker has ended early, now that it has ended after this lifetime. */
export function countCrash(before: number, lifetime: number): number {
  return lifetime >= steadyAfter ? 1 : before + 1
}

/** How long to wait after this many crashes in a row, from 1 on. */
export function delayAfter(crashes: number): number {
  return Math.min(longest, shortest * 2 ** (crashes - 1))
}
