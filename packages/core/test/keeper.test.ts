/** A keeper holds the listeners of a group, serves none, and keeps its port open. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { type Fixture, freePort, needs } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { inodeOf } from '../src/group/group.js'
import { Keeper, type KeeperOptions, keyOf } from '../src/group/keeper.js'
import { listListeners } from '../src/group/listeners.js'
import { steerGroups } from '../src/group/steer-groups.js'
import { peers, setReuse } from '../src/index.js'
import { groupKey } from '../src/inspect/member-names.js'
import { native } from '../src/socket/native.js'
import { until } from './listening.js'
import { startGroup, startMember, startPython } from './programs.js'
import { connectTo, openDescriptors } from './raw-member.js'
import {
  ask,
  fillQueue,
  forever,
  inodesOf,
  kill,
  namesOf,
  orphansOf,
  pause,
  tally,
} from './waiting.js'

const needsHolders = needs('holders')
const needsSteering = needs('holders', 'steering')

/** A keeper in this process, of a port of 127.0.0.1. */
function keep(t: TestContext, port: number, options: Partial<KeeperOptions> = {}): Keeper {
  const key = groupKey('tcp', { address: '127.0.0.1', family: 4, port, ipv6Only: false })
  const keeper = new Keeper(key, { holdTimeout: forever, ...options })
  t.after(() => keeper.close())
  return keeper
}

/** How many connections wait at a port. */
async function waitingAt(port: number): Promise<number> {
  return (await peers(port)).reduce((sum, { queue }) => sum + queue.length, 0)
}

/** A group, and a keeper that holds the listeners of all. */
async function startKept(t: TestContext, size: number, options: Partial<KeeperOptions> = {}) {
  const { port, members } = await startGroup(t, size)
  const keeper = keep(t, port, options)
  await until(() => keeper.listeners.size === size)
  return { port, members, keeper }
}

async function startNext(t: TestContext, port: number): Promise<Fixture> {
  const next = startMember(t, { port })
  await next.hear('ready')
  return next
}

test(
  'when all members die, connections wait with a keeper and are refused without',
  needsHolders,
  async (t) => {
    const { port, members } = await startKept(t, 3)
    const before = inodesOf(port)
    await kill(...members)
    const requests = await fillQueue(port, 30, () => waitingAt(port))
    const next = await Promise.all([1, 2, 3].map(() => startNext(t, port)))
    const pids = next.map(({ pid }) => String(pid))
    for (const answer of await Promise.all(requests)) assert.ok(pids.includes(answer), answer)
    // They have the listeners of the others. A member that gets no answer from a busy holder in time has its
    // own, and a listener that nobody takes is taken out.
    await until(() => inodesOf(port).length === 3)
    assert.ok(inodesOf(port).some((inode) => before.includes(inode)))

    const alone = await startGroup(t, 3)
    await kill(...alone.members)
    assert.equal(await ask(alone.port), 'ECONNREFUSED')
  },
)

test('a keeper loses nothing when the last member leaves', needsHolders, async (t) => {
  const { port, members, keeper } = await startKept(t, 1)
  const [member] = members
  assert.ok(member)
  const report = await member.ask<LeaveReport>('leave')
  assert.deepEqual([report.lossless, report.successors], [true, 0])
  await member.end('SIGKILL')
  const requests = await fillQueue(port, 20, () => waitingAt(port))
  const next = await startNext(t, port)
  assert.deepEqual(tally(await Promise.all(requests)), { [next.pid]: requests.length })
  assert.equal(keeper.listeners.size, 1)
})

test(
  'a closing member answers on idle connections with a keeper, and cuts them without',
  needsHolders,
  async (t) => {
    assert.equal(await answersAfterClose(t, true), 'answered, and closed')
    // Some versions of Node notice that the connection has ended, and connect again.
    assert.match(await answersAfterClose(t, false), /^(ECONNRESET|ECONNREFUSED)$/)
  },
)

/** What a client gets that sends its next request on an idle connection right after the close. */
async function answersAfterClose(t: TestContext, isKept: boolean): Promise<string> {
  const server = http.createServer((_, response) => response.end('answered'))
  setReuse(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  if (isKept) {
    const keeper = keep(t, port)
    await until(() => keeper.listeners.size === 1)
  }
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  const send = async (): Promise<string> => {
    const [response] = await once(http.get({ port, host: '127.0.0.1', agent }), 'response')
    return `${await text(response)}, and ${response.headers.connection === 'close' ? 'closed' : 'kept'}`
  }
  assert.equal(await send(), 'answered, and kept')
  await until(() => Object.keys(agent.freeSockets).length === 1)
  server.close()
  return send().catch(({ code }) => code)
}

test('a keeper holds listeners but serves nothing while members live', needsHolders, async (t) => {
  const { port, members } = await startKept(t, 2)
  const pids = members.map(({ pid }) => pid)
  const listed = await peers(port)
  assert.deepEqual(listed.map(({ pid }) => pid).sort(), [...pids].sort())
  for (const { holders } of listed) assert.ok(holders.includes(process.pid))
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(port)))
  assert.deepEqual(Object.keys(tally(answers)).sort(), pids.map(String).sort())
  // The other member serves what a killed one leaves, although the keeper holds it too.
  const [victim, other] = members
  assert.ok(victim && other)
  await kill(victim)
  const after = await Promise.all(Array.from({ length: 100 }, () => ask(port)))
  assert.deepEqual(tally(after), { [other.pid]: 100 })
})

test('a keeper drops a listener that members take out of the group', needsSteering, async (t) => {
  const { port, members, keeper } = await startKept(t, 3)
  const [victim] = members
  assert.ok(victim)
  await kill(victim)
  await until(async () => (await orphansOf(port)).length === 0 && inodesOf(port).length === 2)
  await until(() => keeper.listeners.size === 2)
})

test(
  'a new member serves listeners that only the keeper holds until they are retired',
  needsSteering,
  async (t) => {
    const { port, members, keeper } = await startKept(t, 3)
    await kill(...members)
    const requests = await fillQueue(port, 30, () => waitingAt(port))
    const next = await startNext(t, port)
    assert.deepEqual(tally(await Promise.all(requests)), { [next.pid]: requests.length })
    const more = await Promise.all(Array.from({ length: 60 }, () => ask(port)))
    assert.deepEqual(tally(more), { [next.pid]: 60 })
    await until(() => inodesOf(port).length === 1 && keeper.listeners.size === 1)
  },
)

test('members serve a listener that the keeper adopts beside them', needsHolders, async (t) => {
  const { port, members, keeper } = await startKept(t, 1)
  const socket = native.open('tcp', 4)
  native.setOption(socket, 'SO_REUSEPORT', 1)
  native.bind(socket, '127.0.0.1', port)
  native.listen(socket, 64)
  keeper.adopt(socket)
  const answers = await Promise.all(Array.from({ length: 60 }, () => ask(port)))
  assert.deepEqual(tally(answers), { [String(members[0]?.pid)]: 60 })
})

test('a keeper gives up listeners that nobody takes in time', needsHolders, async (t) => {
  let isGivenUp = false
  const onGivenUp = (): void => {
    isGivenUp = true
  }
  const { port, members } = await startKept(t, 2, { holdTimeout: 300, onGivenUp })
  await pause(...members)
  const requests = await fillQueue(port, 5, () => waitingAt(port))
  assert.equal(isGivenUp, false)
  await kill(...members)
  await until(() => isGivenUp)
  assert.deepEqual(tally(await Promise.all(requests)), { ECONNRESET: requests.length })
  assert.equal(await ask(port), 'ECONNREFUSED')
})

test('a keeper passes the group’s policy on to the next members', needsSteering, async (t) => {
  const { port, members } = await startKept(t, 2)
  const [outcome] = await steerGroups({ protocol: 'tcp', port }, 'source-address')
  assert.equal(outcome?.result, 'steered')
  await kill(...members)
  // There is nobody that could steer.
  const [none] = await steerGroups({ protocol: 'tcp', port }, 'random')
  assert.equal(none?.result, 'no-members')
  await Promise.all([1, 2].map(() => startNext(t, port)))
  // The filter of the earlier members is still there, and would stay until something changes.
  const policies = async (): Promise<unknown[]> => {
    const listeners = await listListeners({ protocol: 'tcp', port })
    return listeners.flatMap(({ standing }) => standing?.policy ?? [])
  }
  await until(async () => (await policies()).join() === 'source-address,source-address')
  const clients = ['127.0.0.1', '127.0.7.7', '127.1.2.3', '127.9.9.9']
  await until(async () => {
    for (const client of clients) {
      const answers = await Promise.all(Array.from({ length: 12 }, () => ask(port, client)))
      if (Object.keys(tally(answers)).length > 1) return false
    }
    return true
  })
})

test(
  'with two keepers, each listener of a dead member goes to one new member only',
  needsHolders,
  async (t) => {
    const { port, members } = await startKept(t, 2)
    const other = keep(t, port)
    await until(() => other.listeners.size === 2)
    await kill(...members)
    await Promise.all([1, 2, 3].map(() => startNext(t, port)))
    // One of them has its own listener, or more do if a busy holder gives no answer in time.
    await until(() => inodesOf(port).length === 3)
    const answers = await Promise.all(Array.from({ length: 200 }, () => ask(port)))
    assert.equal(Object.keys(tally(answers)).length, 3)
  },
)

test('the next member serves a listener that the keeper has adopted', needsHolders, async (t) => {
  // As systemd hands it in: it does not share yet.
  const socket = native.open('tcp', 4)
  native.bind(socket, '127.0.0.1', 0)
  native.listen(socket, 64)
  const { port } = native.getAddress(socket)
  const keeper = keep(t, port)
  assert.equal(keyOf(socket, 'tcp'), keeper.key)
  keeper.adopt(socket)
  const requests = await fillQueue(port, 20, () => waitingAt(port))
  const first = await startNext(t, port)
  assert.deepEqual(tally(await Promise.all(requests)), { [first.pid]: requests.length })
  // The next one finds a port that is shared.
  await startNext(t, port)
  assert.equal(inodesOf(port).length, 2)

  const other = native.open('tcp', 4)
  native.bind(other, '127.0.0.1', 0)
  native.listen(other, 64)
  t.after(() => native.close(other))
  assert.throws(() => keeper.adopt(other), { code: 'ERR_REUSE_INHERITED' })
})

test('a keeper reports each change in the listeners that it holds', needsSteering, async (t) => {
  const { port, members } = await startGroup(t, 2)
  const counts: number[] = []
  const keeper = keep(t, port, { onChange: () => counts.push(keeper.listeners.size) })
  await until(() => counts.length === 2)
  const [victim] = members
  assert.ok(victim)
  await kill(victim)
  await until(() => counts.length === 3)
  assert.deepEqual(counts, [1, 2, 1])
})

test('a keeper beside a stranger: a new member serves without resets', needsHolders, async (t) => {
  const port = await freePort()
  const stranger = startPython(t, port, 'share')
  await stranger.hear('ready')
  const keeper = keep(t, port)
  const member = await startNext(t, port)
  await until(() => keeper.listeners.size === 1)
  await kill(member)
  const next = await startNext(t, port)
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask(port)))
  assert.equal(tally(answers)[String(next.pid)] !== undefined, true)
  assert.equal(tally(answers).ECONNRESET, undefined)
})

test(
  'a keeper holds only listeners of its group, and offers none being retired',
  needsHolders,
  async (t) => {
    const listen = (): number => {
      const socket = native.open('tcp', 4)
      native.bind(socket, '127.0.0.1', 0)
      native.listen(socket, 64)
      return socket
    }
    const socket = listen()
    const { port } = native.getAddress(socket)
    const inode = inodeOf(socket)
    const keeper = keep(t, port)
    keeper.adopt(socket)
    const [name] = namesOf(port)
    assert.ok(name)
    const foreign = listen()
    t.after(() => native.close(foreign))
    const member = connectTo(t, name)
    const before = openDescriptors()
    const id = `${inodeOf(foreign)}.1.a`
    member.say(`hello ${id} -1 1 h 0 any`, foreign)
    /** The keeper reads messages in order: when it answers a question, it has read what was said before. */
    const untilRead = async (): Promise<void> => {
      member.say(`wanted ${inode}.1.a`)
      while (!(await member.hear()).startsWith('held'));
    }
    await untilRead()
    assert.deepEqual([...keeper.listeners.keys()], [inode])
    assert.equal(openDescriptors(), before + 1) // Its end of the connection.

    member.say(`retiring ${inode}`)
    await untilRead()
    assert.equal(keeper.offerOrphan(), null)
    member.say(`kept ${inode}`)
    await untilRead()
    assert.equal(keeper.offerOrphan()?.inode, inode)
    // The process that takes a listener out may be no member, and then tells nobody.
    native.shutDown(socket)
    assert.equal(keeper.offerOrphan(), null)
    assert.equal(keeper.listeners.size, 0)
  },
)

test(
  'a keeper that has no descriptor to list members with tries again',
  needsHolders,
  async (t) => {
    const { port } = await startGroup(t, 1)
    const warned = once(process, 'warning')
    const read = t.mock.method(fs, 'readFileSync', () => {
      // As Node throws it: with a negative number.
      throw Object.assign(new Error('EMFILE'), { code: 'EMFILE', errno: -24, syscall: 'open' })
    })
    const keeper = keep(t, port)
    read.mock.restore()
    assert.equal(keeper.listeners.size, 0)
    const [warning] = await warned
    assert.equal(warning.code, 'REUSE_NOT_PRESENT')
    await until(() => keeper.listeners.size === 1)
  },
)
