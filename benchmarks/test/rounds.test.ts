import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Progress } from '../src/harness/benchmark.js'
import { type Contender, type Metric, runRounds } from '../src/rounds.js'

const metric: Metric = { metric: 'time', unit: 'ms', better: 'less' }

function watch(): { progress: Progress; steps: [number, number][]; failed: string[] } {
  const steps: [number, number][] = []
  const failed: string[] = []
  const progress: Progress = {
    step: (_, done, total) => void steps.push([done, total]),
    fail: (what) => void failed.push(what),
    tookPart: () => {},
  }
  return { progress, steps, failed }
}

test('the sides take turns, who begins changes, and all samples are kept', async () => {
  const order: string[] = []
  const contender = (side: string): Contender => ({
    side,
    trial: async (round) => {
      order.push(side)
      return [{ metric, value: round + 1 / 3 }]
    },
  })
  const { progress, steps } = watch()
  const contest = { name: 'one', parameters: { n: 1 }, contenders: ['a', 'b'].map(contender) }
  const cases = await runRounds([contest], 3, progress)
  assert.equal(order.join(''), 'abbaab')
  assert.deepEqual(cases, [
    {
      name: 'one',
      parameters: { n: 1 },
      measures: ['a', 'b'].map((side) => ({
        side,
        ...metric,
        samples: [0.333333, 1.33333, 2.33333],
      })),
    },
  ])
  assert.deepEqual(
    steps,
    [0, 1, 2, 3, 4, 5].map((done) => [done, 6]),
  )
})

test('a side that fails is left out of its case, and nothing else is', async () => {
  const contender = (side: string, failsIn?: number): Contender => ({
    side,
    trial: async (round) => {
      if (round === failsIn) throw new Error('broken')
      return [{ metric, value: 1 }]
    },
  })
  const { progress, steps, failed } = watch()
  const contests = [
    { name: 'one', parameters: {}, contenders: [contender('a', 1), contender('b')] },
    { name: 'two', parameters: {}, contenders: [contender('a')] },
  ]
  const cases = await runRounds(contests, 4, progress)
  const sides = cases.map(({ measures }) => measures.map(({ side }) => side))
  assert.deepEqual(sides, [['b'], ['a']])
  assert.deepEqual(failed, ['one, a, round 2 of 4'])
  assert.deepEqual(steps.at(-1), [11, 12])
})
