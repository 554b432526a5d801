import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measurePairs, ratioOf } from '../src/pairs.js'

test('the sides take turns, and who begins changes', async () => {
  const order: string[] = []
  const side = (name: string) => async () => order.push(name)
  await measurePairs(3, side('a'), side('b'))
  assert.equal(order.join(''), 'abbaab')
})

test('the ratio is the median of the pairs, with quartiles', () => {
  const pairs = [1, 2, 3, 4, 5].map((b) => ({ a: 1, b }))
  assert.deepEqual(ratioOf(pairs), { median: 3, low: 2, high: 4 })
})
