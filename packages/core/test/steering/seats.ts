import assert from 'node:assert/strict'
import {
  type ChooseOptions,
  chooseFilter,
  type Filter,
  type Seat,
} from '../../src/steering/filter.js'
import { check } from './interpreter.js'

/** Seats with these weights, in group order; the ids are like the inodes of sockets. */
export function seatsOf(...weights: number[]): Seat[] {
  return weights.map((weight, index) => ({ index, weight, id: 81_000 + index }))
}

export function alike(count: number): Seat[] {
  return seatsOf(...Array<number>(count).fill(1))
}

/** A program that the kernel would accept. */
export function checkedFilter(
  choice: ChooseOptions['choice'],
  seats: readonly Seat[],
  protocol: ChooseOptions['protocol'] = 'udp',
): Filter {
  const program = chooseFilter({ choice, protocol, seats })
  check(program)
  return program
}

/** How often each index was returned. */
export function countBy<T>(things: Iterable<T>, index: (thing: T) => number): Map<number, number> {
  const counts = new Map<number, number>()
  for (const thing of things) {
    const key = index(thing)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

/** Fails if the counts are further from their shares than chance explains. */
export function assertShares(
  counts: ReadonlyMap<number, number>,
  seats: readonly Seat[],
  message: string,
): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const weights = seats.reduce((sum, { weight }) => sum + weight, 0)
  const taken = seats.filter(({ weight }) => weight > 0)
  let chiSquare = 0
  for (const { index, weight } of taken) {
    const expected = (total * weight) / weights
    chiSquare += ((counts.get(index) ?? 0) - expected) ** 2 / expected
  }
  // Four standard deviations of the chi-square distribution, by its normal approximation.
  const freedom = taken.length - 1
  const bound = freedom * (1 - 2 / (9 * freedom) + 4 * Math.sqrt(2 / (9 * freedom))) ** 3
  assert.ok(chiSquare <= bound, `${message}: chi-square ${chiSquare} is above ${bound}`)
  for (const index of counts.keys()) {
    assert.ok(
      taken.some((seat) => seat.index === index),
      `${message}: ${index} was returned`,
    )
  }
}
