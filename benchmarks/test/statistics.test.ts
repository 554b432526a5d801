import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSummary, summarize } from '../src/statistics.js'

test('a summary is of the sorted values', () => {
  const values = Array.from({ length: 101 }, (_, index) => 100 - index)
  assert.deepEqual(summarize(values), { median: 50, p95: 95, max: 100 })
})

test('a summary of one value, and of none', () => {
  assert.deepEqual(summarize([3]), { median: 3, p95: 3, max: 3 })
  assert.equal(formatSummary(summarize([])), 'median NaN, p95 NaN, max NaN')
})
