import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addTallies, emptyTally, failuresOf, formatFailures } from '../src/load/tally.js'

test('tallies add up, each failure under its name', () => {
  const sum = addTallies([
    { connections: 5, answered: 3, failed: { a: 1, b: 1 } },
    { connections: 4, answered: 2, failed: { b: 2 } },
  ])
  assert.deepEqual(sum, { connections: 9, answered: 5, failed: { a: 1, b: 3 } })
  assert.equal(failuresOf(sum), 4)
  assert.equal(formatFailures(sum), '4 (3 b, 1 a)')
})

test('no failure is 0', () => {
  assert.equal(formatFailures(addTallies([])), '0')
  assert.deepEqual(addTallies([]), emptyTally())
})
