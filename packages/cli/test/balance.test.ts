/** Weights that follow how busy workers are: in a model with its own time. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factorsOf, playRound } from '../src/balance/round.js'
import { leastWeight, type Standing, step } from '../src/balance/standing.js'
import { longestWait, type Sample, waitAt } from '../src/balance/wait.js'
import { type Model, meanWait, type Played, play } from './balance-model.js'

/** What a connection costs most servers on average, in milliseconds. */
const cost = 2

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/**
 * Servers that are each busy for this fraction of the time, if all are equally fast.
 *
 * @param slowness by what a server's cost is multiplied, at a time in milliseconds
 */
function modelOf(
  count: number,
  load: number,
  slowness: (server: number, time: number) => number = () => 1,
): Model {
  const random = generator(4711 + count)
  const servers = Array.from({ length: count }, (_, i) => ({
    cost: (time: number) => slowness(i, time) * cost * -Math.log(1 - random()),
  }))
  return { servers, random, rate: (load * count * 1000) / cost, rounds: 100 }
}

/** The factors of one server, by round. */
function courseOf({ factors }: Played, server: number): number[] {
  return factors.map((ofRound) => ofRound[server] ?? 0)
}

/**
 * How often a course turns from up to down, or from down to up. Small steps do not count: the mean of all
 * moves a little with each.
 */
function turnsOf(course: readonly number[]): number {
  const steps = course.flatMap((value, i) => Math.log(value / (course[i - 1] ?? value)))
  const signs = steps.filter((one) => Math.abs(one) > 0.15).map(Math.sign)
  return signs.filter((sign, i) => i > 0 && sign !== signs[i - 1]).length
}

/** Each step has its limit, no server gets nothing, and all together get what they got before. */
function assertBounded({ factors }: Played): void {
  for (const [round, ofRound] of factors.entries()) {
    const sum = ofRound.reduce((one, other) => one + other, 0)
    assert.ok(Math.abs(sum - ofRound.length) < 0.001 * ofRound.length, `the sum is ${sum}`)
    const before = factors[round - 1] ?? ofRound
    // The mean, by which all weights are divided, moves within the same limits.
    const most = step.up / step.down + 0.01
    for (const [i, factor] of ofRound.entries()) {
      assert.ok(factor >= leastWeight - 0.001, `${factor} in round ${round}`)
      const ratio = factor / (before[i] ?? factor)
      assert.ok(ratio <= most && ratio >= 1 / most, `a step by ${ratio} in round ${round}`)
    }
  }
}

for (const count of [1, 2, 3, 8, 64, 256]) {
  test(`the weights of ${count} equally fast servers do not change`, () => {
    for (const load of count > 64 ? [0.8] : [0.3, 0.8, 0.9]) {
      const model = { ...modelOf(count, load), rounds: count > 8 ? 30 : 100 }
      const { factors } = play(model)
      for (const ofRound of factors) assert.ok(ofRound.every((factor) => factor === 1))
    }
  })
}

for (const count of [2, 4, 8, 64, 256]) {
  test(`of ${count} servers, one that is three times slower gets less, and weights settle`, () => {
    const slow = (server: number): number => (server === 0 ? 3 : 1)
    const model = { ...modelOf(count, 0.5, slow), rounds: count > 64 ? 40 : 120 }
    const balanced = play(model)
    assertBounded(balanced)
    const course = courseOf(balanced, 0)
    const half = course.slice(course.length / 2)
    assert.ok(Math.max(...half) < 0.85, `it has ${half}`)
    // The slow server is tried with more, less and less often.
    const tried = turnsOf(course)
    assert.ok(tried <= 12, `${tried} turns: ${course}`)
    for (let i = 1; i < count; i++) {
      const turns = turnsOf(courseOf(balanced, i))
      assert.ok(turns <= 12, `${turns} turns of another one`)
    }
    // With equal weights, the slow server's queue would grow forever.
    const end = model.rounds * 1000
    const plain = play({ ...modelOf(count, 0.5, slow), rounds: model.rounds, isBalanced: false })
    const [with_, without] = [meanWait(balanced, end / 2, end), meanWait(plain, end / 2, end)]
    assert.ok(with_ < without / 10, `${with_} ms with, ${without} ms without`)
  })
}

test('a server that is slow for a while gets its full share back afterwards', () => {
  const slow = (server: number, time: number): number =>
    server === 0 && time > 20_000 && time < 50_000 ? 4 : 1
  const balanced = play({ ...modelOf(8, 0.5, slow), rounds: 150 })
  assertBounded(balanced)
  const course = courseOf(balanced, 0)
  assert.ok(course.slice(0, 20).every((factor) => factor === 1))
  assert.ok(Math.min(...course.slice(20, 50)) < 0.5)
  assert.deepEqual(balanced.factors.at(-1), Array(8).fill(1))
})

test('the weight of a server that keeps stalling falls and stays low', () => {
  // What arrives during a stall is served after it.
  const stall = (server: number, time: number): number =>
    server === 0 && time % 500 < 400 ? (400 - (time % 500)) / cost : 1
  const balanced = play(modelOf(8, 0.3, stall))
  assertBounded(balanced)
  const course = courseOf(balanced, 0)
  assert.equal(turnsOf(course), 0)
  assert.ok((course.at(-1) ?? 1) < 0.1)
})

test('missing or absurd samples do not lower the weights of other servers', () => {
  const absurd = [Number.NaN, -1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, null]
  const random = generator(1)
  const any = (): number | null => absurd[Math.floor(random() * absurd.length)] ?? null
  const told = (sample: Sample, server: number): Sample =>
    server > 3 ? sample : { queue: any(), accepted: any(), delay: any(), answers: random() < 0.9 }
  const played = play({ ...modelOf(16, 0.5), told })
  assertBounded(played)
  for (let i = 4; i < 16; i++) {
    const least = Math.min(...courseOf(played, i))
    assert.ok(least >= 1, `one that tells the truth got ${least}`)
  }
  // If nothing is known, nothing changes.
  const unknown: Sample = { queue: null, accepted: null, delay: null, answers: true }
  const dark = play({ ...modelOf(4, 0.5, (i) => (i === 0 ? 4 : 1)), told: () => unknown })
  for (const ofRound of dark.factors) assert.deepEqual(ofRound, [1, 1, 1, 1])
})

test('a worker that joins starts with a normal share; one that leaves is forgotten', () => {
  const calm: Sample = { queue: 0, accepted: 100, delay: 1, answers: true }
  const silent: Sample = { queue: 50, accepted: null, delay: null, answers: false }
  const lowered = [1, 2, 3, 4, 5].reduce<ReadonlyMap<string, Standing>>(
    (before) =>
      playRound(before, new Map([...'abc'].map((key) => [key, key === 'a' ? silent : calm])), 1000),
    new Map(),
  )
  const before = factorsOf(lowered)
  assert.ok((before.get('a') ?? 1) < 0.5)
  const joined = playRound(lowered, new Map([...'abcd'].map((key) => [key, calm])), 1000)
  const factors = factorsOf(joined)
  assert.equal(factors.get('d'), factors.get('b'))
  const left = playRound(joined, new Map([...'bcd'].map((key) => [key, calm])), 1000)
  assert.deepEqual(
    [...factorsOf(left)],
    [...'bcd'].map((key) => [key, 1]),
  )
  assert.deepEqual(factorsOf(playRound(left, new Map(), 1000)), new Map())
})

test('when all workers have long delays, the slowest one keeps its weight', () => {
  const at = (delay: number): Sample => ({ queue: 0, accepted: 100, delay, answers: true })
  const rounds = (typical: number): number | undefined => {
    const samples = new Map([at(typical), at(typical), at(500)].entries())
    const once = playRound(new Map(), samples, 1000)
    return factorsOf(playRound(once, samples, 1000)).get(2)
  }
  assert.ok((rounds(1) ?? 1) < 1)
  assert.equal(rounds(50), 1)
})

test('the wait of a connection is derived from queue, accept count and loop delay', () => {
  const sample: Sample = { queue: 0, accepted: 100, delay: 3, answers: true }
  assert.equal(waitAt(sample, 1000), 3)
  assert.equal(waitAt({ ...sample, queue: 11 }, 1000), 100)
  // One connection may have arrived just now.
  assert.equal(waitAt({ ...sample, queue: 1, accepted: 0 }, 1000), 3)
  assert.equal(waitAt({ ...sample, queue: 11, accepted: 0 }, 1000), longestWait)
  assert.equal(waitAt({ ...sample, answers: false }, 1000), longestWait)
  assert.equal(waitAt({ ...sample, delay: null, accepted: null }, 1000), null)
})
