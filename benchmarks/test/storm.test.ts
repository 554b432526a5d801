/** Small storms, from end to end. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { failuresOf } from '../src/load/tally.js'
import { delayedNetwork } from '../src/network/delayed.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { restartingNone, restartingRoundRobin } from '../src/restart/cluster.js'
import { restartingNginx } from '../src/restart/nginx.js'
import { restartingPm2 } from '../src/restart/pm2.js'
import { restartingReuse, restartingReusePort } from '../src/restart/processes.js'
import { restartingReuseRun } from '../src/restart/reuse-run.js'
import { restartStorm, type StormSettings } from '../src/restart/storm.js'
import { restart } from '../src/scenarios/restart.js'
import { clusterRoundRobin } from '../src/sides/cluster.js'
import { reuse } from '../src/sides/reuse.js'
import { single } from '../src/sides/single.js'
import { Skip } from '../src/skip.js'
import { samplesOf, smallRun } from './small-run.js'

const settings: Omit<StormSettings, 'network'> = {
  node: thisNode,
  members: 3, // One serves while two are replaced.
  load: { rate: 200, keepAliveClients: 4 },
  restarts: 5, // Some of them two at once.
}
const skip = reuse.unavailable(thisNode) ?? false

test('no request fails while programs with @reuse restart', { skip }, async () => {
  const { restarts, leaves, load } = await restartStorm(restartingReuse, {
    ...settings,
    network: loopback(),
  })
  assert.equal(restarts, settings.restarts)
  assert.equal(leaves.length, restarts)
  assert.ok(leaves.every((milliseconds) => milliseconds > 0))
  assert.deepEqual(load.newConnections.failed, {})
  assert.deepEqual(load.keepAlive.failed, {})
  assert.equal(load.newConnections.answered, load.newConnections.connections)
  assert.equal(load.withheld, 0)
  assert.ok(load.keepAlive.answered > 0)
})

test('no request fails while an app of reuse run is reloaded', {
  skip: restartingReuseRun.side.unavailable(thisNode) ?? false,
}, async () => {
  const network = loopback()
  const wanted = { ...settings, network, restarts: settings.members }
  const { restarts, load } = await restartStorm(restartingReuseRun, wanted)
  assert.equal(restarts, settings.members)
  assert.deepEqual(load.newConnections.failed, {})
  assert.deepEqual(load.keepAlive.failed, {})
  assert.equal(load.newConnections.answered, load.newConnections.connections)
})

for (const side of [
  restartingReusePort,
  restartingRoundRobin,
  restartingNone,
  restartingPm2,
  restartingNginx,
]) {
  const { title, unavailable } = side.side
  test(`${title}: programs restart, and every lost request is counted`, {
    skip: unavailable(thisNode) ?? false,
  }, async () => {
    // PM2 replaces all of them each time.
    const wanted = side === restartingPm2 ? settings.members : settings.restarts
    const storm = await restartStorm(side, { ...settings, network: loopback(), restarts: wanted })
    const { restarts, leaves, load } = storm
    assert.equal(restarts, wanted)
    // PM2's workers have nobody to report to.
    assert.equal(leaves.length, side === restartingPm2 ? 0 : restarts)
    const { connections, answered } = load.newConnections
    assert.ok(answered > 0)
    assert.equal(answered + failuresOf(load.newConnections), connections)
  })
}

test('a cluster replaces a worker whose client has a request under way', async (t) => {
  const { members } = settings
  await using running = await restartingRoundRobin.start({
    ...{ node: thisNode, network: loopback(), members },
  })
  // Round robin: each member has some.
  for (let i = 0; i < 2 * members; i++) {
    const client = net.connect(running.port, '127.0.0.1').on('error', () => {})
    await once(client, 'connect')
    // A request that never ends: the connection is never idle, and no server's close ends it.
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\n')
    const more = setInterval(() => client.write('x: x\r\n'), 500)
    t.after(() => {
      clearInterval(more)
      client.destroy()
    })
    await once(client, 'data')
  }
  assert.equal((await running.restart(1)).replaced, 1)
})

test('on a delayed network, every connection takes at least the delay', { skip }, async (t) => {
  let network: Awaited<ReturnType<typeof delayedNetwork>>
  try {
    network = await delayedNetwork(5)
  } catch (error) {
    if (!(error instanceof Skip)) throw error
    t.skip(error.message)
    return
  }
  await using _ = network
  const { load } = await restartStorm(restartingReuse, { ...settings, network, restarts: 1 })
  assert.deepEqual(load.newConnections.failed, {})
  assert.deepEqual(load.keepAlive.failed, {})
  assert.ok(Math.min(...load.connectTimes) >= 10)
})

test('a small run has every side that can restart, with and without delay', { skip }, async () => {
  const sides = [single, reuse, clusterRoundRobin]
  const run = await smallRun(restart, { sides, rounds: 1, leaves: 1, rate: 100 })
  assert.equal(run.cases.length + run.skipped.length, 2)
  for (const { name } of run.cases) {
    const lost = samplesOf(run, name, 'failed requests per restart')
    assert.deepEqual(Object.keys(lost), [reuse.title, clusterRoundRobin.title])
    assert.deepEqual(lost[reuse.title], [0])
    for (const percentile of ['p50', 'p95', 'max']) {
      const times = samplesOf(run, name, `time of a leave ${percentile}`)
      assert.deepEqual(Object.keys(times), [reuse.title, clusterRoundRobin.title])
    }
  }
})
