/** What members weigh when keepers balance them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { balancedWeights } from '../src/group/balance.js'
import type { Connection } from '../src/group/connection.js'
import type { Peer } from '../src/group/peer.js'

function peer(id: string, factors: Record<string, number> = {}): Peer {
  return {
    ...{ id, index: -1, weight: 1, policy: { policy: 'hash', sequence: 0 }, only: false },
    ...{ connection: {} as Connection, initiated: false, holds: true, met: 0, retires: null },
    factors: new Map(Object.entries(factors)),
  }
}

const own = '1.10.a'
const other = '2.20.a'
const weights = new Map([
  [1, 2],
  [2, 0],
  [3, 1],
])

test('without factors from a keeper, members have their own weights', () => {
  assert.equal(balancedWeights(weights, own, [peer(other), peer('0.5.a')]), weights)
})

test('factors apply to members, not sockets, and those of several keepers multiply', () => {
  // The member that had the socket 3 is gone.
  const first = peer('0.5.a', { [own]: 0.5, [other]: 3, '3.30.a': 9, '4.40.a': 9 })
  const second = peer('0.6.a', { [own]: 0.5 })
  const present = [peer(other), first, second]
  assert.deepEqual(
    balancedWeights(weights, own, present),
    new Map([
      [1, 0.5],
      [2, 0],
      [3, 1],
    ]),
  )
})
