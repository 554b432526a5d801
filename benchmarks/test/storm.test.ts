/** Small storms, from end to end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failuresOf } from '../src/load/tally.js'
import { delayedNetwork } from '../src/network/delayed.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { restartingCluster } from '../src/restart/cluster.js'
import { restartingPm2 } from '../src/restart/pm2.js'
import { restartingReuse, restartingReusePort } from '../src/restart/processes.js'
import { restartStorm, type StormSettings } from '../src/restart/storm.js'
import { restart } from '../src/scenarios/restart.js'
import { clusterRoundRobin } from '../src/sides/cluster.js'
import { reuse } from '../src/sides/reuse.js'
import { single } from '../src/sides/single.js'
import { Skip } from '../src/skip.js'
import { samplesOf, smallRun } from './small-run.js'

const settings: Omit<StormSettings, 'network'> = {
  node: thisNode,
  load: { rate: 200, keepAliveClients: 4 },
  restarts: 5, // With two at once among them.
}
const skip = reuse.unavailable(thisNode) ?? false

test('programs restart, and nothing fails', { skip }, async () => {
  const { restarts, load } = await restartStorm(restartingReuse, {
    ...settings,
    network: loopback(),
  })
  assert.equal(restarts, settings.restarts)
  assert.deepEqual(load.newConnections.failed, {})
  assert.deepEqual(load.keepAlive.failed, {})
  assert.equal(load.newConnections.answered, load.newConnections.connections)
  assert.equal(load.withheld, 0)
  assert.ok(load.keepAlive.answered > 0)
})

for (const side of [restartingReusePort, restartingCluster, restartingPm2]) {
  const { title, unavailable } = side.side
  test(`${title}: so it does, and may lose some`, {
    skip: unavailable(thisNode) ?? false,
  }, async () => {
    const { restarts, load } = await restartStorm(side, { ...settings, network: loopback() })
    // PM2 replaces all of them.
    assert.ok(restarts >= settings.restarts, `${restarts} restarts`)
    const { connections, answered } = load.newConnections
    assert.ok(answered > 0)
    assert.equal(answered + failuresOf(load.newConnections), connections)
  })
}

test('the delay is on the way', { skip }, async (t) => {
  let network: Awaited<ReturnType<typeof delayedNetwork>>
  try {
    network = await delayedNetwork(5)
  } catch (error) {
    if (!(error instanceof Skip)) throw error
    t.skip(error.message)
    return
  }
  await using _ = network
  const { load } = await restartStorm(restartingReuse, { ...settings, network })
  assert.deepEqual(load.newConnections.failed, {})
  assert.deepEqual(load.keepAlive.failed, {})
  assert.ok(Math.min(...load.connectTimes) >= 10)
})

test('a small run has every side that can restart, near and far', { skip }, async () => {
  const sides = [single, reuse, clusterRoundRobin]
  const run = await smallRun(restart, { sides, rounds: 1, leaves: 1, rate: 100 })
  assert.equal(run.cases.length + run.skipped.length, 2)
  for (const { name } of run.cases) {
    const lost = samplesOf(run, name, 'failed requests per 1,000 restarts')
    assert.deepEqual(Object.keys(lost), [reuse.title, clusterRoundRobin.title])
    assert.deepEqual(lost[reuse.title], [0])
  }
})
