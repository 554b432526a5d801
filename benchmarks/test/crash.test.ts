/** Small runs in which members are killed, from end to end; and how the results are evaluated. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { acceptedBy, recordAccepted } from '../src/crash/accepted.js'
import { crashingNone, crashingRoundRobin } from '../src/crash/cluster.js'
import { firstAnswerAfter, lossesOf } from '../src/crash/losses.js'
import { crashingPm2 } from '../src/crash/pm2.js'
import { crashingReuse, crashingReusePort, crashingWithoutRescue } from '../src/crash/processes.js'
import { crashingReuseRun } from '../src/crash/reuse-run.js'
import { victimsName } from '../src/crash/samples.js'
import { type CrashSettings, crashStorm } from '../src/crash/storm.js'
import { failuresOf } from '../src/load/tally.js'
import { loopback } from '../src/network/loopback.js'
import { thisNode } from '../src/node-version.js'
import { crash } from '../src/scenarios/crash.js'
import { clusterNone } from '../src/sides/cluster.js'
import { reuse } from '../src/sides/reuse.js'
import { samplesOf, smallRun } from './small-run.js'

const settings: CrashSettings = {
  node: thisNode,
  network: loopback(),
  members: 2,
  load: { rate: 200 },
  victims: 'a member',
  crashes: 2,
}
const queue = 5
const entry = { client: '', connected: 0, answered: null, failure: null }

const told = [
  crashingReuse,
  crashingWithoutRescue,
  crashingReusePort,
  crashingRoundRobin,
  crashingNone,
]

for (const side of told) {
  const { title, unavailable } = side.side
  const skip = unavailable(thisNode) ?? false

  test(`${title}: serving members killed; all failures are accounted for`, {
    skip,
  }, async () => {
    const storm = await crashStorm(side, settings)
    assert.equal(storm.crashes, settings.crashes)
    assert.equal(storm.failed, failuresOf(storm.load.newConnections))
    assert.ok(storm.load.newConnections.answered > 0)
    assert.equal(storm.load.journal.length, storm.load.newConnections.connections)
    assert.deepEqual([storm.waiting, storm.firstAnswers], [[], []])
    // One listener for all loses only what the killed member had accepted.
    if (side === crashingNone) assert.equal(storm.beyond, 0)
  })
}

for (const side of [...told, crashingReuseRun, crashingPm2]) {
  const { title, unavailable } = side.side
  const skip = unavailable(thisNode) ?? false

  test(`${title}: blocked members killed; all failures are accounted for`, { skip }, async () => {
    const storm = await crashStorm(side, { ...settings, blocked: { time: 200, queue } })
    assert.equal(storm.waiting.length, settings.crashes)
    assert.equal(storm.failed, failuresOf(storm.load.newConnections))
    if (side !== crashingReusePort) return
    // What waits in the queue of a blocked listener is lost with it.
    assert.ok(storm.waiting.every((waiting) => waiting >= queue))
    assert.ok(storm.beyond >= queue * settings.crashes)
    assert.deepEqual(storm.firstAnswers, [])
  })
}

for (const side of [
  crashingReuseRun,
  crashingReusePort,
  crashingRoundRobin,
  crashingNone,
  crashingPm2,
]) {
  const { title, unavailable } = side.side
  const skip = unavailable(thisNode) ?? false
  for (const victims of side.victims.filter((each) => each !== 'a member')) {
    test(`${title}: ${victims} killed; all failures are accounted for`, {
      skip,
    }, async () => {
      const storm = await crashStorm(side, { ...settings, victims })
      assert.equal(storm.crashes, settings.crashes)
      assert.equal(storm.failed, failuresOf(storm.load.newConnections))
      assert.ok(storm.load.newConnections.answered > 0)
      // The port stays open under a manager that holds it, or whose workers go on without it.
      if (side === crashingReuseRun) assert.equal(storm.beyond, 0)
      else assert.ok(storm.beyond > 0)
    })
  }
}

test('accepted clients are recorded at once, and removed when they disconnect', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'accepted-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const server = http.createServer()
  recordAccepted(server, folder)
  server.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  const clients = [0, 1].map(() => net.connect(port, '127.0.0.1'))
  while (acceptedBy(folder, process.pid).size < clients.length) await once(server, 'connection')
  const names = clients.map(({ localAddress, localPort }) => `${localAddress}:${localPort}`)
  assert.deepEqual([...acceptedBy(folder, process.pid)].sort(), names.sort())
  clients[0]?.destroy()
  while (acceptedBy(folder, process.pid).size > 1) await new Promise(setImmediate)
  clients[1]?.destroy()
})

test('a failure counts against the killed member only if it had accepted the client', () => {
  const entries = [
    { ...entry, client: 'a', failure: 'reset' },
    { ...entry, client: 'b', failure: 'reset' },
    { ...entry, client: 'c', failure: 'refused', connected: null },
    { ...entry, client: 'd', answered: 1 },
  ]
  assert.deepEqual(lossesOf(entries, new Set(['b', 'd'])), { failed: 3, accepted: 1, beyond: 2 })
})

test('the first answer after a kill is taken from clients that had waited long enough', () => {
  const entries = [
    { ...entry, connected: 0, answered: 99 },
    { ...entry, connected: 10, answered: 130 },
    { ...entry, connected: 20, answered: 112 },
    { ...entry, connected: 20, failure: 'reset' },
    { ...entry, connected: 80, answered: 101 },
    { ...entry, connected: 105, answered: 106 },
  ]
  assert.equal(firstAnswerAfter(100, 50, entries), 12)
  assert.equal(firstAnswerAfter(500, 50, entries), null)
})

test('a small run measures all cases with every side that can run', {
  skip: reuse.unavailable(thisNode) ?? false,
}, async () => {
  const sides = [reuse, clusterNone]
  const run = await smallRun(crash, { sides, rounds: 1, leaves: 1, rate: 1000 })
  assert.equal(run.cases.length, 4)
  // With @reuse alone, nobody is left if all are killed, and it has no manager.
  const ofAll = run.cases.filter(({ parameters }) => parameters[victimsName] === 'a member')
  assert.equal(ofAll.length, 2)
  for (const { name } of ofAll) {
    const failed = samplesOf(run, name, 'failed requests per crash')
    const titles = sides.map(({ title }) => title)
    assert.deepEqual(
      titles.filter((title) => !(title in failed)),
      [],
    )
  }
})
