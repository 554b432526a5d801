import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilities } from '@reuse/core'
import { steering } from '../src/scenarios/steering.js'
import type { SteeringCase } from '../src/steering/cases.js'
import { measureShares } from '../src/steering/measure.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = capabilities.steering ? false : 'steering needs Linux'
const settings = { node: process.execPath, connections: 300, rate: 1000 }

test('every connection is counted at its member', { skip }, async () => {
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

test('an address that meets two members is seen', { skip }, async () => {
  const members = [{}, {}]
  const asked = [1, 1]
  const sticky: SteeringCase = { name: '', policy: 'source-address', members, asked, sticky: true }
  assert.equal((await measureShares(sticky, settings)).moved, 0)
  const { moved = 0 } = await measureShares({ ...sticky, policy: 'random' }, settings)
  assert.ok(moved > 0)
})

test('a small run has every policy', { skip }, async () => {
  const run = await smallRun(steering, { sides: [], rounds: 1, connections: 100, rate: 500 })
  assert.ok(run.cases.length >= 7)
  for (const { name } of run.cases) {
    const metric = 'largest distance of a share from what was asked'
    const [distance = 100] = samplesOf(run, name, metric)['@reuse'] ?? []
    // Chance does not do that with a hundred connections, nor does a policy that is followed.
    assert.ok(distance < 30, `${name}: ${distance}`)
  }
})
