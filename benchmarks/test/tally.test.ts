import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyTally, failuresOf, formatFailures } from '../src/load/tally.js'

test('failures are counted and listed by name', () => {
  const tally = { connections: 9, answered: 5, failed: { a: 1, b: 3 } }
  assert.equal(failuresOf(tally), 4)
  assert.equal(formatFailures(tally), '4 (3 b, 1 a)')
})

test('a tally without failures is printed as 0', () => {
  assert.equal(formatFailures(emptyTally()), '0')
})
