import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparisonsOf, type Verdict } from '../../src/report/comparison.js'
import type { Measure } from '../../src/report/index.js'
import { around, measure, scenario } from './fixture.js'

function verdict(reuse: number[], other: number[], rest: Partial<Measure> = {}): Verdict[] {
  const measures = [measure('@reuse', reuse, rest), measure('other', other, rest)]
  return comparisonsOf(scenario(measures)).map((comparison) => comparison.verdict)
}

test('which side wins depends on whether more or less is better', () => {
  const [less, more] = [around(100), around(110)]
  assert.deepEqual(verdict(more, less), ['wins'])
  assert.deepEqual(verdict(less, more), ['loses'])
  assert.deepEqual(verdict(more, less, { better: 'less' }), ['loses'])
  assert.deepEqual(verdict(less, more, { better: 'less' }), ['wins'])
  assert.deepEqual(verdict(less, more, { better: 'neither' }), ['not judged'])
})

test('an interval that contains 1 means no difference', () => {
  assert.deepEqual(verdict(around(100), around(100).reverse()), ['no difference'])
  const failures = { better: 'less', summary: 'mean' } as const
  assert.deepEqual(verdict(around(0), around(0), failures), ['no difference'])
})

test('a side without failures wins against one with failures', () => {
  const failures = { better: 'less', summary: 'mean' } as const
  const some = [3, 0, 9, 1, 4, 4, 2, 7]
  assert.deepEqual(verdict(around(0), some, failures), ['wins'])
  assert.deepEqual(verdict(some, around(0), failures), ['loses'])
  // One failure in each of three rounds may be due to chance.
  assert.deepEqual(verdict(around(0), [1, 0, 1, 0, 1, 0, 0, 0], failures), ['no difference'])
})

test('five rounds are too few for a verdict, however far apart the sides are', () => {
  assert.deepEqual(verdict(around(100, 5), around(900, 5)), ['too few rounds'])
  assert.deepEqual(verdict(around(100, 6), around(900, 6)), ['loses'])
})

test('each side with @reuse is compared with each side without, metric by metric', () => {
  const measures = ['@reuse', '@reuse steered', 'one', 'two'].flatMap((side) => [
    measure(side, around(1)),
    measure(side, around(1), { metric: 'memory' }),
  ])
  const pairs = comparisonsOf(scenario(measures)).map(
    ({ reuse, other }) => `${reuse.side}/${other.side} ${reuse.metric === other.metric}`,
  )
  assert.equal(pairs.length, 8)
  assert.deepEqual(
    new Set(pairs),
    new Set([
      '@reuse/one true',
      '@reuse/two true',
      '@reuse steered/one true',
      '@reuse steered/two true',
    ]),
  )
})
