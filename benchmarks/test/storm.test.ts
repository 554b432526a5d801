/** Small storms, from end to end. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { capabilities } from '@reuse/core'
import { delayedNetwork } from '../src/network/delayed.js'
import { loopback } from '../src/network/loopback.js'
import { hasReusePort } from '../src/node-version.js'
import { restartResult } from '../src/restart/result.js'
import { restartStorm, type StormSettings } from '../src/restart/storm.js'
import { Skip } from '../src/skip.js'

const settings: Omit<StormSettings, 'network'> = {
  node: process.execPath,
  load: { rate: 200, keepAliveClients: 4 },
  leaves: 6,
}
const skip = capabilities.steering ? false : 'a leave without loss needs Linux'

test('programs restart, and nothing fails', { skip }, async () => {
  const storm = await restartStorm('reuse', { ...settings, network: loopback() })
  const result = restartResult('reuse', [storm])
  assert.equal(result.leaves, settings.leaves)
  assert.deepEqual(result.notLossless, {})
  assert.deepEqual(result.newConnections.failed, {})
  assert.deepEqual(result.keepAlive.failed, {})
  assert.equal(result.newConnections.answered, result.newConnections.connections)
  assert.ok(result.keepAlive.answered > 0)
})

const noReusePort = hasReusePort(process.version) ? skip : `${process.version} has no reusePort`

test('so does the other side, which may lose some', { skip: noReusePort }, async () => {
  const { leaves, load } = await restartStorm('plain', { ...settings, network: loopback() })
  assert.equal(leaves.length, settings.leaves)
  assert.ok(leaves.every(({ report }) => report === undefined))
  assert.ok(load.newConnections.answered > 0)
})

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
  const storm = await restartStorm('reuse', { ...settings, network })
  assert.deepEqual(storm.load.newConnections.failed, {})
  assert.deepEqual(storm.load.keepAlive.failed, {})
  assert.ok(Math.min(...storm.load.connectTimes) >= 10)
})
