import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharesOf } from '../src/steering/share.js'

test('the deviation of a share from its target is given in standard errors', () => {
  const [first, second] = sharesOf([480, 420], [2, 1])
  // 600 ± √(900 · 2/3 · 1/3) = 600 ± 14.14
  assert.equal(first?.deviation.toFixed(2), '-8.49')
  assert.equal(second?.deviation.toFixed(2), '8.49')
})

test('for a target of nothing or everything, one stray connection deviates infinitely', () => {
  const deviations = (counts: number[]): number[] =>
    sharesOf(counts, [1, 0]).map(({ deviation }) => deviation)
  assert.deepEqual(deviations([10, 0]), [0, 0])
  assert.deepEqual(deviations([9, 1]), [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY])
})
