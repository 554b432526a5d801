/** Steering filters in the kernel: the kernel must choose as the interpreter of these tests says. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { needs } from '@reuse/testkit'
import { native, type Protocol } from '../../src/socket/native.js'
import {
  type Choice,
  chooseFilter,
  constantFilter,
  encode,
  type Filter,
  kernelHash,
  probeFilter,
  type Seat,
} from '../../src/steering/filter.js'
import { until } from '../listening.js'
import { run } from './interpreter.js'
import { packet } from './packets.js'
import { alike, seatsOf } from './seats.js'

const { skip } = needs('steering')

/** Each kind of listener, with clients that reach it. */
const listeners = [
  { host: '127.0.0.1', clients: loopback(60) },
  { host: '::1', clients: Array<string>(40).fill('::1') },
  { host: '::', clients: [...loopback(40), ...Array<string>(20).fill('::1')] },
]

/** 127.0.0.1, 127.0.0.2, …: all of them are this machine. */
function loopback(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `127.0.0.${i + 1}`)
}

const group = seatsOf(1, 1, 0, 3, 1)

const predictable: [string, Choice][] = [
  ['source-address', 'source-address'],
  ['flow', 'flow'],
]

for (const { host, clients } of listeners) {
  for (const [name, choice] of predictable) {
    test(`TCP on ${host}: ${name} chooses as the interpreter does`, { skip }, async (t) => {
      const members = listen(t, host, group.length)
      const filter = attach(members, chooseFilter({ choice, protocol: 'tcp', seats: group }))
      const expected = Array<number>(group.length).fill(0)
      for (const source of clients) {
        const port = await connect(t, members.port, source)
        add(expected, run(filter, packet({ source, port })))
      }
      await queued(members, clients.length)
      assert.deepEqual(members.queues(), expected)
    })
  }

  test(`TCP on ${host}: a probe reaches the member that its index names`, { skip }, async (t) => {
    const members = listen(t, host, 4)
    const expected = [1, 1, 1, 1]
    const otherwise = constantFilter(2)
    for (const index of expected.keys()) {
      const client = native.open('tcp', host === '::1' ? 6 : 4)
      t.after(() => native.close(client))
      const source = host === '::1' ? '::1' : '127.0.0.1'
      native.bind(client, source, 0)
      const sourcePort = native.getAddress(client).port
      attach(members, probeFilter({ sourcePort, index, otherwise }))
      native.connect(client, source, members.port)
      await until(() => native.isConnected(client))
      // A connection from another port goes by the other filter.
      await connect(t, members.port, source)
      add(expected, 2)
    }
    await queued(members, 8)
    assert.deepEqual(members.queues(), expected)
  })

  test(`TCP on ${host}: random gives shares by weight`, { skip }, async (t) => {
    const seats = seatsOf(70, 0, 20, 10)
    const members = listen(t, host, seats.length)
    attach(members, chooseFilter({ choice: 'random', protocol: 'tcp', seats }))
    const count = 300
    for (let i = 0; i < count; i++) {
      await connect(t, members.port, clients[i % clients.length] ?? host)
    }
    await queued(members, count)
    assertNear(members.queues(), seats)
  })

  test(`TCP on ${host}: cpu gives nothing to a member of weight 0`, { skip }, async (t) => {
    const members = listen(t, host, group.length)
    attach(members, chooseFilter({ choice: 'cpu', protocol: 'tcp', seats: group }))
    for (const source of clients) await connect(t, members.port, source)
    await queued(members, clients.length)
    assert.equal(members.queues()[2], 0)
  })
}

test('TCP: for an index that no member has, the kernel uses its own hash', { skip }, async (t) => {
  const members = listen(t, '127.0.0.1', 3)
  for (const index of [kernelHash, 3]) {
    attach(members, constantFilter(index))
    for (const source of loopback(100)) await connect(t, members.port, source)
  }
  await queued(members, 200)
  assert.ok(members.queues().every((length) => length > 0))
})

const payload: Choice = { payload: { offset: 1, length: 7 } }

for (const { host, clients } of listeners) {
  for (const [name, choice] of [...predictable, ['payload', payload] as const]) {
    test(`UDP on ${host}: ${name} chooses as the interpreter does`, { skip }, async (t) => {
      const members = await receive(t, host, group.length)
      const filter = attach(members, chooseFilter({ choice, protocol: 'udp', seats: group }))
      const expected = Array<number>(group.length).fill(0)
      for (const [i, source] of clients.entries()) {
        // From empty to longer than what the filter reads.
        for (const bytes of [[], [i], [1, 2, 3, 4, 5, 6, i], [1, 2, 3, 4, 5, 6, 7, i, 9]]) {
          const port = await send(t, members.port, source, bytes)
          const datagram = packet({ protocol: 'udp', source, port, payload: bytes })
          add(expected, run(filter, datagram))
        }
      }
      const sent = clients.length * 4
      await until(() => members.counts.reduce((sum, count) => sum + count, 0) === sent)
      assert.deepEqual(members.counts, expected)
    })
  }
}

test('UDP: the kernel reads payload bytes far into a large datagram', { skip }, async (t) => {
  const size = 40_000
  const choice: Choice = { payload: { offset: size - 8, length: 8 } }
  const members = await receive(t, '127.0.0.1', group.length)
  const filter = attach(members, chooseFilter({ choice, protocol: 'udp', seats: group }))
  const expected = Array<number>(group.length).fill(0)
  for (let i = 0; i < 20; i++) {
    const bytes = Array<number>(size).fill(i)
    const port = await send(t, members.port, '127.0.0.1', bytes)
    add(
      expected,
      run(filter, packet({ protocol: 'udp', source: '127.0.0.1', port, payload: bytes })),
    )
    // A receive buffer has room for only a few.
    await until(() => members.counts.reduce((sum, count) => sum + count, 0) === i + 1)
  }
  assert.deepEqual(members.counts, expected)
})

test('256 members: the kernel takes each filter, and obeys source-address', { skip }, async (t) => {
  const seats = alike(256).map((seat) => ({ ...seat, weight: seat.index % 3 }))
  const members = listen(t, '127.0.0.1', seats.length)
  for (const choice of ['random', 'cpu', 'flow', 'source-address'] as const) {
    const chosen = chooseFilter({ choice, protocol: 'tcp', seats })
    attach(members, probeFilter({ sourcePort: 1, index: 0, otherwise: chosen }))
  }
  const filter = attach(members, chooseFilter({ choice: 'source-address', protocol: 'tcp', seats }))
  const expected = Array<number>(seats.length).fill(0)
  for (const source of loopback(250)) {
    const port = await connect(t, members.port, source)
    add(expected, run(filter, packet({ source, port })))
  }
  await queued(members, 250)
  assert.deepEqual(members.queues(), expected)
})

for (const [name, program] of [
  ['filters for 256 members fit into the old default of option memory', 'option-memory.js'],
  ['the order of a group at `::` is found where loopback has no IPv6', 'without-ipv6.js'],
] as const) {
  test(name, { skip }, (t) => {
    const isolated = ['--user', '--map-root-user', '--net']
    if (spawnSync('unshare', [...isolated, 'true']).status !== 0) {
      t.skip('no network namespace of its own is to be had here')
      return
    }
    const command = [...isolated, process.execPath, path.join(import.meta.dirname, program)]
    const { status, stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8' })
    if (status === 2) t.skip(stdout.trim())
    else assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' })
  })
}

interface Members {
  sockets: readonly number[]
  port: number
}

/** Opens sockets that share one port, in the order of their indexes. */
function share(t: TestContext, protocol: Protocol, host: string, count: number): Members {
  const sockets: number[] = []
  let port = 0
  for (let i = 0; i < count; i++) {
    const socket = native.open(protocol, net.isIPv6(host) ? 6 : 4)
    if (protocol === 'tcp') t.after(() => native.close(socket))
    native.setOption(socket, 'SO_REUSEPORT', 1)
    if (net.isIPv6(host)) native.setOption(socket, 'IPV6_V6ONLY', 0)
    native.bind(socket, host, port)
    port = native.getAddress(socket).port
    sockets.push(socket)
  }
  return { sockets, port }
}

function listen(t: TestContext, host: string, count: number) {
  const members = share(t, 'tcp', host, count)
  for (const socket of members.sockets) native.listen(socket, 511)
  return {
    ...members,
    queues: () => members.sockets.map((socket) => native.getQueue(socket).length),
  }
}

async function receive(t: TestContext, host: string, count: number) {
  const members = share(t, 'udp', host, count)
  const counts = Array<number>(count).fill(0)
  for (const [index, fd] of members.sockets.entries()) {
    const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4')
    t.after(() => socket.close())
    socket.on('message', () => add(counts, index))
    const listening = once(socket, 'listening') // With a descriptor this may come at once.
    socket.bind({ fd })
    await listening
  }
  return { ...members, counts }
}

function attach({ sockets: [first = -1] }: Members, filter: Filter): Filter {
  native.attachFilter(first, encode(filter))
  return filter
}

/** Connects from an address of this machine to itself; returns the source port. */
async function connect(t: TestContext, port: number, source: string): Promise<number> {
  const host = net.isIPv6(source) ? '::1' : '127.0.0.1'
  const client = net.connect({ port, host, localAddress: source })
  t.after(() => client.resetAndDestroy())
  await once(client, 'connect')
  assert.ok(client.localPort)
  return client.localPort
}

/** Sends one datagram; returns its source port. */
async function send(t: TestContext, port: number, source: string, bytes: number[]) {
  const six = net.isIPv6(source)
  const client = dgram.createSocket(six ? 'udp6' : 'udp4')
  t.after(() => client.close())
  client.bind(0, source)
  await once(client, 'listening')
  client.send(Uint8Array.from(bytes), port, six ? '::1' : '127.0.0.1')
  return client.address().port
}

/** A client is connected a moment before its connection enters a queue. */
async function queued({ queues }: ReturnType<typeof listen>, count: number): Promise<void> {
  await until(() => queues().reduce((sum, length) => sum + length, 0) === count)
}

function add(counts: number[], index: number): void {
  counts[index] = (counts[index] ?? 0) + 1
}

/** The kernel's random numbers have no seed: six standard errors are one failure in 500 million. */
function assertNear(counts: readonly number[], seats: readonly Seat[]): void {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const weights = seats.reduce((sum, { weight }) => sum + weight, 0)
  for (const { index, weight } of seats) {
    const share = weight / weights
    const error = Math.sqrt(total * share * (1 - share))
    const difference = Math.abs((counts[index] ?? 0) - total * share)
    assert.ok(difference <= 6 * error, `${counts} are not as ${seats.map((seat) => seat.weight)}`)
  }
}
