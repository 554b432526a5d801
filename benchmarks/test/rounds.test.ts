import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Progress } from '../src/harness/benchmark.js'
import { type Contender, type Metric, runRounds } from '../src/rounds.js'

const metric: Metric = { metric: 'time', unit: 'ms', better: 'less' }

function watch() {
  const steps: [number, number][] = []
  const failed: string[] = []
  const again: string[] = []
  const progress: Progress = {
    step: (_, done, total) => void steps.push([done, total]),
    again: (what) => void again.push(what),
    fail: (what) => void failed.push(what),
    tookPart: () => {},
  }
  return { progress, steps, failed, again }
}

test('sides take turns, the first one alternates, and all samples are kept', async () => {
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

test('a trial that fails once is repeated in its place', async () => {
  const order: string[] = []
  const contender = (side: string, failsIn?: number): Contender => ({
    side,
    trial: async (round) => {
      order.push(side)
      if (round === failsIn && order.filter((one) => one === side).length === round + 1) {
        throw new Error('broken')
      }
      return [{ metric, value: order.length }]
    },
  })
  const { progress, failed, again } = watch()
  const contest = { name: 'one', parameters: {}, contenders: [contender('a', 1), contender('b')] }
  const [one] = await runRounds([contest], 2, progress)
  assert.equal(order.join(''), 'abbaa')
  assert.deepEqual(
    one?.measures.map(({ samples }) => samples),
    [
      [1, 5],
      [2, 3],
    ],
  )
  assert.deepEqual(again, ['one, a, round 2 of 2'])
  assert.deepEqual(failed, [])
})

test('a side that fails twice is left out of that case only', async () => {
  const contender = (side: string, failsIn?: number): Contender => ({
    side,
    trial: async (round) => {
      if (round === failsIn) throw new Error('broken')
      return [{ metric, value: 1 }]
    },
  })
  const { progress, steps, failed, again } = watch()
  const contests = [
    { name: 'one', parameters: {}, contenders: [contender('a', 1), contender('b')] },
    { name: 'two', parameters: {}, contenders: [contender('a')] },
  ]
  const cases = await runRounds(contests, 4, progress)
  const sides = cases.map(({ measures }) => measures.map(({ side }) => side))
  assert.deepEqual(sides, [['b'], ['a']])
  assert.deepEqual(again, ['one, a, round 2 of 4'])
  assert.deepEqual(failed, ['one, a, round 2 of 4'])
  assert.deepEqual(steps.at(-1), [11, 12])
})

test('a metric missing from some rounds of a side is left out of its case', async () => {
  const rare: Metric = { metric: 'rare', unit: '', better: 'neither' }
  const trial = async (round: number) => [
    { metric, value: 1 },
    ...(round === 1 ? [{ metric: rare, value: 1 }] : []),
  ]
  const contest = { name: 'one', parameters: {}, contenders: [{ side: 'a', trial }] }
  const [one] = await runRounds([contest], 2, watch().progress)
  assert.deepEqual(
    one?.measures.map(({ metric }) => metric),
    ['time'],
  )
})
