import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ratioOf, summaryOf } from '../../src/report/ratio.js'
import { around, measure } from './fixture.js'

const mean = { summary: 'mean' } as const

test('a measure is summarised by its median, or by its mean if it says so', () => {
  assert.equal(summaryOf(measure('a', [9, 1, 2])), 2)
  assert.equal(summaryOf(measure('a', [4, 1, 2, 3])), 2.5)
  assert.equal(summaryOf(measure('a', [0, 0, 9], mean)), 3)
})

test('the ratio is the median of the pairwise ratios, not the ratio of medians', () => {
  // What slows both sides down in one round does not show in its ratio.
  const ratio = ratioOf(measure('a', [20, 2, 200]), measure('b', [10, 1, 100]))
  assert.deepEqual(ratio, { value: 2, low: 2, high: 2, rounds: 3 })
  const uneven = ratioOf(measure('a', [1, 30, 4]), measure('b', [1, 10, 2]))
  assert.equal(uneven.value, 2)
})

test('the ratio of measures summarised by mean is the ratio of the means', () => {
  const ratio = ratioOf(measure('a', [0, 0, 6, 0], mean), measure('b', [1, 3, 3, 5], mean))
  assert.equal(ratio.value, 0.5)
})

test('the interval contains the ratio, lies within the pairs, and is reproducible', () => {
  const [a, b] = [measure('a', [11, 9, 12, 10, 13, 8]), measure('b', around(10, 6))]
  const ratio = ratioOf(a, b)
  const ratios = a.samples.map((sample, index) => sample / (b.samples[index] ?? 0))
  assert.ok(Math.min(...ratios) <= ratio.low && ratio.low < ratio.value)
  assert.ok(ratio.value < ratio.high && ratio.high <= Math.max(...ratios))
  assert.deepEqual(ratioOf(a, b), ratio)
})

test('the interval of a mean is close to what theory predicts', () => {
  // With 100 pairs and a standard deviation of 0.1, the mean has a standard error of 0.01.
  const samples = Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? 0.9 : 1.1))
  const { low, high } = ratioOf(
    measure('a', samples, mean),
    measure(
      'b',
      samples.map(() => 1),
      mean,
    ),
  )
  assert.ok(Math.abs(low - 0.98) < 0.003, `${low}`)
  assert.ok(Math.abs(high - 1.02) < 0.003, `${high}`)
})

test('the ratio of 0 to 0 is 1, and the ratio of anything else to 0 is infinite', () => {
  const none = measure('a', [0, 0, 0])
  assert.deepEqual(ratioOf(none, none), { value: 1, low: 1, high: 1, rounds: 3 })
  for (const samples of [
    [1, 2, 3],
    [1, 2, 3, 4],
  ]) {
    const { value, low, high } = ratioOf(
      measure('a', samples),
      measure(
        'b',
        samples.map(() => 0),
      ),
    )
    assert.deepEqual([value, low, high], Array(3).fill(Number.POSITIVE_INFINITY))
  }
})
