import assert from 'node:assert/strict'
import { test } from 'node:test'
import { thisNode } from '../src/node-version.js'
import { managerOf } from '../src/scenarios/manager.js'
import { pm2 } from '../src/sides/pm2.js'
import { reuseRun } from '../src/sides/reuse-run.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = reuseRun.unavailable(thisNode) ?? false

test('start time and memory are measured for managers with two workers', { skip }, async () => {
  const sides = [reuseRun, pm2]
  const scenario = await smallRun(managerOf(2), { sides, rounds: 1, seconds: 0.2 })
  for (const metric of ['start until all workers serve', 'memory of the manager']) {
    const samples = samplesOf(scenario, '2 workers', metric)
    assert.deepEqual(Object.keys(samples), ['@reuse run', 'PM2 cluster'])
    for (const [value = 0] of Object.values(samples)) assert.ok(value > 10, `${metric}: ${value}`)
  }
})
