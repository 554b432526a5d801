import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilities } from '@reuse/core'
import { steeringOf } from '../src/scenarios/steering.js'
import { type SteeringCase, steeringCases } from '../src/steering/cases.js'
import { measureShares } from '../src/steering/measure.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = capabilities.steering ? false : 'steering needs Linux'
const settings = { node: process.execPath, connections: 300, rate: 1000 }

test('every connection is counted for the member that got it', { skip }, async () => {
  const all: SteeringCase = {
    name: 'all to the second',
    policy: { weights: [0, 1] },
    members: [{}, {}],
    asked: [0, 1],
  }
  const { shares, failed } = await measureShares(all, settings)
  assert.deepEqual(
    shares.map(({ got }) => got),
    [0, settings.connections],
  )
  assert.equal(failed, 0)
})

test('a client address that reaches two members is counted as moved', { skip }, async () => {
  const members = [{}, {}]
  const asked = [1, 1]
  const sticky: SteeringCase = { name: '', policy: 'source-address', members, asked, sticky: true }
  assert.equal((await measureShares(sticky, settings)).moved, 0)
  const { moved = 0 } = await measureShares({ ...sticky, policy: 'random' }, settings)
  assert.ok(moved > 0)
})

test('every case sets a target share for each of its members', () => {
  const cases = steeringCases([0, 1])
  assert.equal(new Set(cases.map(({ name }) => name)).size, 9)
  for (const { name, members, asked } of cases) assert.equal(asked.length, members.length, name)
})

test('a small run measures every case, with shares near their targets', { skip }, async () => {
  const members = [{}, {}]
  const cases: SteeringCase[] = [
    { name: 'chance', policy: 'random', members, asked: [1, 1] },
    { name: 'weights', policy: { weights: [3, 1] }, members, asked: [3, 1] },
    { name: 'own weights', policy: 'hash', members: [{ weight: 0 }, {}], asked: [0, 1] },
    { name: 'address', policy: 'source-address', members, asked: [1, 1], sticky: true },
    ...steeringCases([0]).filter(({ cpu }) => cpu !== undefined),
  ]
  const benchmark = steeringOf(() => cases)
  const run = await smallRun(benchmark, { sides: [], rounds: 1, connections: 100, rate: 500 })
  assert.deepEqual(
    run.cases.map(({ name }) => name),
    cases.map(({ name }) => name),
  )
  for (const { name } of run.cases) {
    const metric = 'largest distance of a share from what was asked'
    const [distance = 100] = samplesOf(run, name, metric)['@reuse'] ?? []
    // With a hundred connections, neither chance nor a policy that is followed deviates this much.
    assert.ok(distance < 30, `${name}: ${distance}`)
  }
})
