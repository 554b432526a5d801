import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTally, failuresOf, formatFailures } from '../src/load/tally.js'

test('failures are counted, and told by their names', () => {
  const tally = { connections: 9, answered: 5, failed: { a: 1, b: 3 } }
  assert.equal(failuresOf(tally), 4)
  assert.equal(formatFailures(tally), '4 (3 b, 1 a)')
})

test('no failure is 0', () => {
  assert.equal(formatFailures(emptyTally()), '0')
})
