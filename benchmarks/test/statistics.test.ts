import assert from 'node:assert/strict'
import { test } from 'node:test'
import { beyondPercentile, percentilesOf, spreadOf } from '../src/statistics.js'

test('a quarter of the values lies below "low", and a quarter above "high"', () => {
  const values = Array.from({ length: 101 }, (_, i) => (i * 37) % 101)
  assert.deepEqual(spreadOf(values), { min: 0, low: 25, high: 75, max: 100 })
})

test('the spread of one value is that value, and of no values NaN', () => {
  assert.deepEqual(spreadOf([7]), { min: 7, low: 7, high: 7, max: 7 })
  assert.ok(Object.values(spreadOf([])).every(Number.isNaN))
})

test('percentiles are taken from the sorted values', () => {
  const values = Array.from({ length: 1001 }, (_, index) => 1000 - index)
  assert.deepEqual(percentilesOf(values, ['p50', 'p90', 'p95', 'p99', 'p99.9', 'max']), [
    ['p50', 500],
    ['p90', 900],
    ['p95', 950],
    ['p99', 990],
    ['p99.9', 999],
    ['max', 1000],
  ])
})

test('beyondPercentile counts the values beyond a percentile', () => {
  assert.equal(beyondPercentile('p99.9', 6400), 6)
  assert.equal(beyondPercentile('p90', 100), 10)
  assert.equal(beyondPercentile('max', 100), 0)
})
