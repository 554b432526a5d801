/** A member that stalls: what waits at it is served by members that may do so. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fixture, needs } from '@reuse/testkit'
import { watchedBy } from '../src/group/duties.js'
import { until } from './listening.js'
import { startGroup, startMember } from './programs.js'
import {
  ask,
  assertAnsweredBy,
  assertHealthy,
  fillQueueOf,
  forever,
  isPaused,
  kill,
  listenBesideStopped,
  namesOf,
  orphansOf,
  patient,
  pause,
  peerOf,
  tally,
  untilAllHold,
  wake,
} from './waiting.js'

const needsHolders = needs('holders')

/** A group whose members have met; its first member is returned apart. */
async function startWithVictim(t: TestContext, size: number) {
  const { port, members } = await startGroup(t, size)
  const [victim, ...others] = members
  assert.ok(victim)
  await untilAllHold(port, members)
  return { port, victim, others }
}

test('requests at a blocked event loop are served by other members', needsHolders, async (t) => {
  const { port, victim, others } = await startWithVictim(t, 3)
  await victim.ask('block', forever)
  await pause(...others) // So that requests wait, and are seen to wait.
  const requests = await fillQueueOf(port, victim, 30)
  wake(...others)
  await assertAnsweredBy(others, requests)
  assert.equal((await peerOf(port, victim)).queue.length, 0)
  assertHealthy([victim, ...others])
})

test(
  'in a large group eight watch a blocked member, and the others do not',
  needsHolders,
  async (t) => {
    const { port, victim, others } = await startWithVictim(t, 12)
    const servers = namesOf(port).map(({ id, pid }) => ({ id, pid, weight: 1 }))
    const blocked = servers.find(({ pid }) => pid === victim.pid)
    assert.ok(blocked)
    const watchers = others.filter((member) => {
      const isIt = ({ pid }: { pid: number }): boolean => pid === member.pid
      const own = servers.filter(isIt)
      return watchedBy([...own, ...servers.filter((server) => !isIt(server))]).has(blocked.id)
    })
    assert.equal(watchers.length, 8)
    await victim.ask('block', forever)
    await pause(...watchers)
    const requests = await fillQueueOf(port, victim, 30)
    const queueLength = async (): Promise<number> => (await peerOf(port, victim)).queue.length
    const before = await queueLength()
    await delay(300)
    assert.equal(await queueLength(), before)
    wake(...watchers)
    await assertAnsweredBy(others, requests)
    assertHealthy([victim, ...others])
  },
)

test(
  'requests at a stopped member are served by the others until it wakes',
  needsHolders,
  async (t) => {
    const { port, victim, others } = await startWithVictim(t, 3)
    await pause(victim, ...others)
    const requests = await fillQueueOf(port, victim, 30)
    wake(...others)
    await assertAnsweredBy(others, requests)
    assert.equal((await peerOf(port, victim)).queue.length, 0)
    assert.ok(isPaused(victim))

    wake(victim)
    const served = victim.ask('served')
    let isServed = false
    served.then(() => {
      isServed = true
    })
    await until(async () => (await ask(port)) !== '' && isServed)
    assertHealthy([victim, ...others])
  },
)

test('members with `rescue: false` leave requests where they wait', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 2, patient)
  const [victim, other] = members
  assert.ok(victim && other)
  const rescuer = startMember(t, { port })
  await rescuer.hear('ready')
  await untilAllHold(port, [victim, other, rescuer])

  for (const waking of ['the rescuer', 'the victim']) {
    await pause(victim, rescuer)
    const requests = await fillQueueOf(port, victim, 30)
    const { queue } = await peerOf(port, victim)
    await delay(200) // Many times as long as a rescue takes, as the next one to wake shows.
    assert.equal((await peerOf(port, victim)).queue.length, queue.length)
    if (waking === 'the rescuer') {
      wake(rescuer)
      await assertAnsweredBy([other, rescuer], requests)
      assert.ok(isPaused(victim))
      wake(victim)
    } else {
      wake(victim)
      await until(async () => (await peerOf(port, victim)).queue.length === 0)
      assert.ok(isPaused(rescuer))
      wake(rescuer)
      await assertAnsweredBy([victim, other, rescuer], requests)
    }
  }
  assertHealthy([victim, other, rescuer])
})

test(
  'a standby rescues nothing while another lives, and everything when none does',
  needs('holders', 'steering'),
  async (t) => {
    const { port, members } = await startGroup(t, 1)
    const [only] = members
    assert.ok(only)
    const standby = startMember(t, { port, reuse: { weight: 0 } })
    await standby.hear('ready')
    await untilAllHold(port, [only, standby])
    const isArranged = async (): Promise<boolean> => {
      const answers = await Promise.all(Array.from({ length: 30 }, () => ask(port)))
      return answers.every((answer) => answer === String(only.pid))
    }
    await until(isArranged)
    await pause(only)
    const requests = await fillQueueOf(port, only, 30)
    await delay(200) // Many times as long as a rescue takes; another takes all of it below.
    assert.equal((await peerOf(port, only)).queue.length, requests.length)
    await kill(only)
    await assertAnsweredBy([standby], requests)
    assertHealthy([standby])
  },
)

test(
  'source-address: clients of a stopped member go to others, and back when it wakes',
  needs('holders', 'steering'),
  async (t) => {
    const steering = { reuse: { steering: 'source-address' } } as const
    const { port, members } = await startGroup(t, 3, steering)
    const [victim, ...others] = members
    assert.ok(victim)
    await untilAllHold(port, members)
    const addresses = Array.from({ length: 24 }, (_, index) => `127.0.${index % 5}.${2 + index}`)
    const ownersOf = (): Promise<string[]> =>
      Promise.all(addresses.map((address) => ask(port, address)))
    let before: string[] = []
    await until(async () => {
      before = await ownersOf()
      const again = [await ownersOf(), await ownersOf()]
      return (
        Object.keys(tally(before)).length === 3 &&
        again.every((owners) => owners.join() === before.join())
      )
    })

    await pause(victim)
    const requests = addresses.map((address) => ask(port, address))
    const index = before.indexOf(String(victim.pid))
    await until(async () => (await peerOf(port, victim)).queue.length > 0)
    await assertAnsweredBy(others, requests)
    assert.notEqual(await requests[index], before[index])
    assert.ok(isPaused(victim))
    wake(victim)
    await until(async () => (await ownersOf()).join() === before.join())
    assert.deepEqual(await ownersOf(), before)
    assertHealthy(members)
  },
)

test(
  'an orphan is served even if all but one of its holders are stopped',
  needsHolders,
  async (t) => {
    const { port, victim, others } = await startWithVictim(t, 4)
    await pause(victim, ...others)
    const requests = await fillQueueOf(port, victim, 30)
    await kill(victim)
    const woken: Fixture[] = others.slice(0, 1)
    wake(...woken)
    await assertAnsweredBy(woken, requests)
    for (const stopped of others.slice(1)) assert.ok(isPaused(stopped))
    wake(...others)
    assertHealthy(others)
  },
)

test(
  'a member that joined later serves a stopped one after all others have left',
  needsHolders,
  async (t) => {
    const { port, victim, others } = await startWithVictim(t, 2)
    const [leaver] = others
    assert.ok(leaver)
    await pause(victim)
    const joiner = startMember(t, { port })
    await joiner.hear('ready')
    await until(async () => (await peerOf(port, leaver)).holders.includes(joiner.pid))
    await leaver.ask('close')
    await pause(joiner)
    const requests = await fillQueueOf(port, victim, 20)
    wake(joiner)
    await until(async () => (await peerOf(port, victim)).queue.length === 0)
    assert.ok(isPaused(victim))
    await assertAnsweredBy([joiner], requests)
  },
)

test(
  'an orphan is also held by a member that joined while its owner was stopped',
  needsHolders,
  async (t) => {
    for (let tries = 0; tries < 4; tries++) {
      const { port, victim, others } = await startWithVictim(t, 2)
      await pause(victim)
      const joiner = startMember(t, { port })
      await joiner.hear('ready')
      await kill(victim)
      await until(async () => (await orphansOf(port)).length === 1)
      const pids = [...others, joiner].map(({ pid }) => pid)
      await until(async () => {
        const [orphan] = await orphansOf(port)
        assert.ok(orphan, 'it has not left the group meanwhile')
        return pids.every((pid) => orphan.holders.includes(pid))
      })
    }
  },
)

/** A server of this process beside a stopped member, and how clients connect to them. */
async function startBesideStopped(t: TestContext, server: net.Server) {
  const { port, stopped } = await listenBesideStopped(t, server)
  const connect = (): net.Socket => {
    const socket = net.connect(port, '127.0.0.1')
    t.after(() => socket.destroy())
    return socket.on('error', () => {}) // The server may drop it.
  }
  return { connect, queueLength: async () => (await peerOf(port, stopped)).queue.length }
}

test(
  'a server with `maxConnections` takes no more than it has room for',
  needsHolders,
  async (t) => {
    const server = net.createServer((socket) => socket.write('served'))
    server.maxConnections = 1
    const { connect, queueLength } = await startBesideStopped(t, server)
    const first = connect()
    await once(first, 'data')

    let served = 0
    await until(async () => {
      const missing = 3 - (await queueLength())
      for (let i = 0; i < missing; i++) {
        const socket = connect() // Node drops one that comes to the server itself.
        socket.once('data', () => {
          served++
          socket.destroy()
        })
      }
      return missing <= 0
    })
    const waiting = await queueLength()
    await delay(300)
    assert.deepEqual([served, await queueLength()], [0, waiting])
    first.destroy()
    await until(() => served === waiting)
  },
)

test(
  'a server with a `blockList` also blocks connections it takes from another',
  needsHolders,
  async (t) => {
    const blockList = new net.BlockList()
    blockList.addAddress('127.0.0.1')
    const options: object = { blockList } // The types are those of Node 20.
    const server = net.createServer(options, (socket) => socket.write('served'))
    if (!('blockList' in server)) {
      t.skip('before Node 22.13 a server has no blockList')
      return
    }
    const { connect } = await startBesideStopped(t, server)
    const received = await Promise.all(Array.from({ length: 20 }, () => text(connect())))
    assert.deepEqual([...new Set(received)], [''])
  },
)
