/** Who gets the next connection, as a whole group decides. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import http from 'node:http'
import type net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { countAnswers, type Fixture, firstCpu, freePort, needs, patience } from '@reuse/testkit'
import { seedOfRun } from '@reuse/testkit/fuzz'
import { keepGroup } from '../src/group/keeper.js'
import {
  type Member,
  peers,
  type ReuseOptions,
  type SteeringPolicy,
  setReuse,
} from '../src/index.js'
import { native } from '../src/socket/native.js'
import { constantFilter, encode } from '../src/steering/filter.js'
import { keyOf, nameOf } from './attacker.js'
import { bound, generator, listening, sharedServer, until } from './listening.js'
import { startMember, startPython } from './programs.js'
import { pause, untilAllHold, wake } from './waiting.js'

const needsSteering = needs('steering')
const needsHolders = needs('holders', 'steering')

/** Servers of one process on one port, in the order in which they began to listen. */
async function openGroup(t: TestContext, options: ReuseOptions[]) {
  let port = 0
  const members: Member[] = []
  for (const [index, each] of options.entries()) {
    const { server, member } = sharedServer(t, each, String(index))
    server.listen(port, '127.0.0.1')
    port = await listening(server)
    members.push(member)
  }
  return { port, members }
}

/**
 * Starts a program that takes nothing from others: on a busy machine every member is late now and
 * then, and shares would not be what the filter gives.
 */
function startSteered(t: TestContext, port: number, reuse: ReuseOptions = {}): Fixture {
  return startMember(t, { port, reuse: { rescue: false, ...reuse } })
}

/** The kernel's random numbers have no seed: six standard errors are one failure in 500 million. */
function assertShares(counts: Map<string, number>, asked: Record<string, number>): void {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const weights = Object.values(asked).reduce((sum, weight) => sum + weight, 0)
  for (const [name, weight] of Object.entries(asked)) {
    const share = weight / weights
    const error = Math.sqrt(total * share * (1 - share))
    const got = counts.get(name) ?? 0
    assert.ok(
      Math.abs(got - total * share) <= 6 * error,
      `${name}: ${got} of ${total}, asked ${(share * total).toFixed(0)} ± ${error.toFixed(1)}`,
    )
  }
  assert.deepEqual(new Set(counts.keys()), new Set(Object.keys(asked).filter((n) => asked[n])))
}

/** Waits until shares are as asked, and asserts them once more over more connections. */
async function settle(
  port: number,
  asked: Record<string, number>,
  connections = 1000,
): Promise<void> {
  await eventually(async () => assertShares(await countAnswers({ port }, 200), asked))
  assertShares(await countAnswers({ port }, connections), asked)
}

/** Which member answers each of many client addresses. */
async function homes(port: number): Promise<Map<string, string>> {
  const homes = new Map<string, string>()
  for (let i = 0; i < 60; i++) {
    const localAddress = `127.0.${1 + (i % 7)}.${1 + i}`
    homes.set(localAddress, await ask(port, localAddress))
  }
  return homes
}

async function ask(port: number, localAddress: string): Promise<string> {
  const request = http.get({ port, host: '127.0.0.1', localAddress, agent: false })
  const [response] = await once(request, 'response')
  return (await response.setEncoding('utf8').toArray()).join('')
}

test('steer({ weights }) applies weights in group order', needsSteering, async (t) => {
  const { port, members } = await openGroup(t, [{}, {}, {}])
  await members[1]?.steer({ weights: [7, 2, 1] })
  assertShares(await countAnswers({ port }, 1500), { 0: 7, 1: 2, 2: 1 })
  await members[0]?.steer({ weights: [0, 0, 5] })
  assertShares(await countAnswers({ port }, 100), { 2: 1 })
  await members[2]?.steer('hash')
  assertShares(await countAnswers({ port }, 900), { 0: 1, 1: 1, 2: 1 })
})

test('weights given to steer() hold until the group changes', needsSteering, async (t) => {
  const { port, members } = await openGroup(t, [{}, {}, {}])
  await members[0]?.steer({ weights: [1, 0, 0] })
  await members[2]?.leave()
  await settle(port, { 0: 1, 1: 1 })
})

test('a keeper balances members as long as it is there', needsHolders, async (t) => {
  const first = startSteered(t, 0, { weight: 2 })
  const { port } = await first.hear<net.AddressInfo>('ready')
  const second = startSteered(t, port)
  await second.hear('ready')
  await settle(port, { [first.pid]: 2, [second.pid]: 1 })

  const keeper = keepGroup(keyOf(port), { holdTimeout: 60_000 })
  t.after(() => keeper.close())
  await until(() => keeper.weights.size === 2)
  const nameOfFirst = nameOf(port, first.pid).name
  keeper.balance(new Map([[nameOfFirst, 0.125]]))
  await settle(port, { [first.pid]: 0.25, [second.pid]: 1 })
  assert.deepEqual([...keeper.weights.values()].sort(), [0.25, 1])
  // A member that joins later hears of it too.
  const third = startSteered(t, port)
  await third.hear('ready')
  await settle(port, { [first.pid]: 0.25, [second.pid]: 1, [third.pid]: 1 })

  assert.throws(() => keeper.balance(new Map([[nameOfFirst, 0]])), RangeError)
  keeper.close()
  await settle(port, { [first.pid]: 2, [second.pid]: 1, [third.pid]: 1 })
})

test('random spreads clients of one CPU; cpu gives them one member', needsSteering, async (t) => {
  const { port, members } = await openGroup(t, [{ steering: 'random' }, {}, {}])
  await settle(port, { 0: 1, 1: 1, 2: 1 })
  assert.equal(new Set(await answersOnOneCpu(port, 60)).size, 3)
  await members[1]?.steer('cpu')
  const answers = await answersOnOneCpu(port, 60)
  assert.equal(answers.length, 60)
  assert.equal(new Set(answers).size, 1)
})

/** Who answers a client that stays on one CPU: on loopback, its segments arrive there. */
async function answersOnOneCpu(port: number, count: number): Promise<string[]> {
  const client = `
    const http = require('node:http')
    const ask = (left) => left > 0 && http.get({ port: ${port}, host: '127.0.0.1', agent: false }, (response) => {
      response.on('data', (data) => console.log(String(data))).on('end', () => ask(left - 1))
    })
    ask(${count})`
  const { stdout } = await promisify(execFile)('taskset', [
    '-c',
    firstCpu(),
    process.execPath,
    '-e',
    client,
  ])
  return stdout.trim().split('\n')
}

test('independent programs get connections by their own weights', needsSteering, async (t) => {
  const first = startSteered(t, 0, { weight: 3 })
  const { port } = await first.hear<net.AddressInfo>('ready')
  const second = startSteered(t, port)
  const standby = startSteered(t, port, { weight: 0 })
  await Promise.all([second.hear('ready'), standby.hear('ready')])
  await settle(port, { [first.pid]: 3, [second.pid]: 1 })

  // A stranger, which says nothing about itself, counts as 1.
  const python = startPython(t, port, 'share')
  await python.hear('ready')
  await settle(port, { [first.pid]: 3, [second.pid]: 1, python: 1 })
  await python.end('SIGKILL')

  await first.ask('leave')
  await settle(port, { [second.pid]: 1 })
  await second.end('SIGKILL')
  await settle(port, { [standby.pid]: 1 }) // All others are gone.
})

test('a canary gets about one percent of the connections', needsSteering, async (t) => {
  const { port } = await openGroup(t, [{}, { weight: 0.01 }])
  await settle(port, { 0: 1, 1: 0.01 }, 3000)
})

test(
  'source-address is sticky: only the clients of a member that is gone move',
  needsSteering,
  async (t) => {
    const first = startSteered(t, 0, { steering: 'source-address' })
    const { port } = await first.hear<net.AddressInfo>('ready')
    const members = [first, startSteered(t, port), startSteered(t, port), startSteered(t, port)]
    await Promise.all(members.slice(1).map((member) => member.hear('ready')))
    const before = await stickyHomes(port, 4)

    const [, leaver, victim] = members
    assert.ok(leaver && victim)
    await leaver.ask('leave')
    await eventually(async () => assertMoved(before, await homes(port), leaver))
    const after = await stickyHomes(port, 3)

    await victim.end('SIGKILL')
    await eventually(async () => assertMoved(after, await homes(port), victim))
  },
)

/** Waits until every client has one home, among this many members. */
async function stickyHomes(port: number, members: number): Promise<Map<string, string>> {
  let found = new Map<string, string>()
  await eventually(async () => {
    found = await homes(port)
    assert.equal(new Set(found.values()).size, members)
    assert.deepEqual(await homes(port), found)
    assert.deepEqual(await homes(port), found)
  })
  return found
}

function assertMoved(before: Map<string, string>, after: Map<string, string>, gone: Fixture): void {
  for (const [client, home] of before) {
    if (home === String(gone.pid)) assert.notEqual(after.get(client), home)
    else assert.equal(after.get(client), home, `${client} moved from a member that stayed`)
  }
}

/** Retries until the check passes: a group is put right in the background, by checks now and then. */
async function eventually(check: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > deadline) throw error
      await delay(100)
    }
  }
}

test('a policy outlives the member that set it', needsSteering, async (t) => {
  const first = startSteered(t, 0)
  const { port } = await first.hear<net.AddressInfo>('ready')
  const second = startSteered(t, port, { weight: 3 })
  await second.hear('ready')
  // A member that has not met the first one does not hear of its policy.
  await untilAllHold(port, [first, second])
  await first.ask('steer', 'source-address')
  await first.end('SIGKILL')
  const third = startSteered(t, port)
  await third.hear('ready')
  await stickyHomes(port, 2)
})

test('a policy reaches a member that has not said hello yet', needs('holders'), async (t) => {
  const first = startSteered(t, 0)
  const { port } = await first.hear<net.AddressInfo>('ready')
  await first.ask('block', 1000)
  const second = startSteered(t, port)
  await second.hear('ready')
  await second.ask('steer', 'source-address')
  await untilAllHold(port, [first, second])
  await second.end('SIGKILL')
  // For this member the group gets another filter, by the policy that is known then.
  await startSteered(t, port, { weight: 3 }).hear('ready')
  await stickyHomes(port, 2)
})

test(
  'a member that was stopped when the policy changed twice brings no old filter back',
  needsSteering,
  async (t) => {
    const first = startSteered(t, 0, { steering: 'source-address' })
    const { port } = await first.hear<net.AddressInfo>('ready')
    const members = [first, startSteered(t, port), startSteered(t, port)]
    await Promise.all(members.slice(1).map((member) => member.hear('ready')))
    await untilAllHold(port, members)
    await stickyHomes(port, 3)
    const [, stopped, locker] = members
    assert.ok(stopped && locker)
    // For a second the others wait for the lock: meanwhile one of them is stopped.
    await locker.ask('lock')
    first.tell('steer', 'hash')
    await delay(300)
    await pause(stopped)
    await first.hear('steer')
    await first.ask('steer', 'source-address')
    wake(stopped)
    await stopped.ask('accepted')
    await stickyHomes(port, 3)
  },
)

test('a policy reaches a member that joined a moment before', needs('holders'), async (t) => {
  const first = startSteered(t, 0)
  const { port } = await first.hear<net.AddressInfo>('ready')
  first.tell('steerAndDie', 'source-address')
  await first.hear('waits')
  await startSteered(t, port).hear('ready')
  await startSteered(t, port).hear('ready')
  await stickyHomes(port, 2)
})

test(
  'after any sequence of joins, leaves and kills the shares come back',
  needsSteering,
  async (t) => {
    const seed = seedOfRun()
    t.diagnostic(`TEST_SEED=${seed}`)
    const random = generator(seed)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T

    const first = startSteered(t, 0)
    const { port } = await first.hear<net.AddressInfo>('ready')
    /** The model: who is there, and with which weight. */
    const model = new Map<Fixture, number>([[first, 1]])
    const join = async (): Promise<void> => {
      const weight = pick([0, 0.5, 1, 1, 2, 5])
      const member = startSteered(t, port, { weight })
      await member.hear('ready')
      model.set(member, weight)
    }
    for (let step = 0; step < 4; step++) {
      const changes = Array.from({ length: 1 + Math.floor(random() * 3) }, async () => {
        const member = pick([...model.keys()])
        const kind = model.size < 2 || random() < 0.5 ? 'join' : pick(['leave', 'kill'])
        if (kind === 'join') return join()
        model.delete(member)
        await (kind === 'leave' ? member.ask('leave') : member.end('SIGKILL'))
      })
      await Promise.all(changes)
      // If all weights are equal, one member gets the orphan's share until the orphan is taken or retired.
      await until(async () => (await peers({ port })).every(({ orphan }) => !orphan))
      const standby = [...model.values()].every((weight) => weight === 0)
      const asked = [...model].map(([{ pid }, weight]) => [pid, standby ? 1 : weight])
      await settle(port, Object.fromEntries(asked))
    }
  },
)

test('invalid policies and options are refused with a clear error', needsSteering, async (t) => {
  const { members } = await openGroup(t, [{}, {}])
  const [member] = members
  assert.ok(member)
  const refused: [unknown, RegExp][] = [
    ['hsah', /a steering policy is one of "hash".*got "hsah"/],
    [{ weights: [1] }, /1 weights for a group of 2 members/],
    [{ weights: [0, 0] }, /all weights are 0/],
    [{ weights: [1, -1] }, /must be 0 or more, got -1/],
    [{ weights: [1, '1'] }, /must be a number, got "1"/],
    [{ weights: 'x' }, /must be an array/],
    [{ payload: { offset: 0, length: 4 } }, /is for UDP/],
    [null, /got null/],
  ]
  for (const [policy, message] of refused) {
    await assert.rejects(member.steer(policy as SteeringPolicy), message)
  }
  const options: [ReuseOptions, RegExp][] = [
    [{ weight: -1 }, /"weight" must be 0, or from 0.001 to 1000, got -1/],
    [{ weight: 1e6 }, /got 1000000/],
    [{ steering: 'weights' as 'hash' }, /got "weights"/],
    [{ steering: { weights: [1] } as unknown as 'hash' }, /weights are for member.steer/],
    [{ steering: { payload: { offset: 0, length: 4 } } }, /is for UDP/],
    [{ exclusive: true, weight: 1 }, /option "weight" cannot be combined with "exclusive"/],
  ]
  for (const [each, message] of options)
    assert.throws(() => setReuse(http.createServer(), each), message)

  const lone = sharedServer(t, { exclusive: true })
  await assert.rejects(lone.member.steer('hash'), { code: 'ERR_REUSE_NOT_LISTENING' })
  lone.server.listen(0, '127.0.0.1')
  await listening(lone.server)
  await assert.rejects(lone.member.steer('hash'), { code: 'ERR_REUSE_UNSUPPORTED' })
})

test('UDP steers by source address or payload; a weight is refused', needsSteering, async (t) => {
  const sockets = [0, 1, 2].map(() => dgram.createSocket('udp4'))
  const members: Member[] = []
  let port = 0
  for (const socket of sockets) {
    t.after(() => socket.close())
    members.push(setReuse(socket, { steering: 'source-address' }))
    socket.bind(port, '127.0.0.1')
    port = await bound(socket)
  }
  const received = sockets.map(() => new Map<string, number>())
  for (const [index, socket] of sockets.entries()) {
    socket.on('message', (message, { address }) => {
      const key = `${address} ${message}`
      received[index]?.set(key, (received[index]?.get(key) ?? 0) + 1)
    })
  }
  const sendAll = async (): Promise<void> => {
    for (const map of received) map.clear()
    for (let i = 0; i < 30; i++) {
      const client = dgram.createSocket('udp4')
      client.bind(0, `127.0.3.${1 + (i % 10)}`)
      await bound(client)
      client.send(`id${i % 6}`, port, '127.0.0.1')
      await once(client, 'close', { signal: AbortSignal.timeout(5) }).catch(() => client.close())
    }
  }
  const keysOf = (pick: (key: string) => string): string[][] =>
    received.map((map) => [...new Set([...map.keys()].map(pick))])

  await members[0]?.steer('source-address')
  await sendAll()
  const addresses = keysOf((key) => key.split(' ')[0] ?? '').flat()
  assert.equal(addresses.length, 10, 'each address is at one member only')

  await members[0]?.steer({ payload: { offset: 0, length: 3 } })
  await sendAll()
  const ids = keysOf((key) => key.split(' ')[1] ?? '').flat()
  assert.equal(ids.length, 6, 'each id is at one member only')

  assert.throws(() => setReuse(dgram.createSocket('udp4'), { weight: 2 }), {
    code: 'ERR_REUSE_UNSUPPORTED',
  })
})

test(
  'another program’s filter stays, with a warning, until steer() replaces it',
  needsSteering,
  async (t) => {
    // Listeners of this process that no member knows.
    const port = await freePort()
    for (let i = 0; i < 2; i++) {
      const socket = native.open('tcp', 4)
      setReuse(socket)
      native.bind(socket, '127.0.0.1', port)
      native.listen(socket, 100)
      t.after(() => native.close(socket))
      if (i === 0) native.attachFilter(socket, encode(constantFilter(0)))
    }
    const { server, member } = sharedServer(t)
    let accepted = 0
    server.on('connection', () => accepted++)
    const warned = once(process, 'warning')
    server.listen(port, '127.0.0.1')
    const [warning] = await warned
    assert.equal(warning.code, 'REUSE_FOREIGN_FILTER')
    assert.match(warning.message, /gets no connections.*steer\('hash'\)/)

    const connectMany = (): void => {
      for (let i = 0; i < 60; i++) {
        const client = native.open('tcp', 4)
        native.connect(client, '127.0.0.1', port)
        t.after(() => native.close(client))
      }
    }
    connectMany()
    await delay(50)
    assert.equal(accepted, 0)
    await member.steer('hash')
    connectMany()
    await eventually(async () => assert.ok(accepted > 0))
  },
)
