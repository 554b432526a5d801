import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spreadOf } from '../src/statistics.js'

test('a quarter of the values lies below low, and a quarter above high', () => {
  const values = Array.from({ length: 101 }, (_, i) => (i * 37) % 101)
  assert.deepEqual(spreadOf(values), { min: 0, low: 25, high: 75, max: 100 })
})

test('one value is all of its spread, and no values have none', () => {
  assert.deepEqual(spreadOf([7]), { min: 7, low: 7, high: 7, max: 7 })
  assert.ok(Object.values(spreadOf([])).every(Number.isNaN))
})
