/** UDP: what waits at a member that dies or closes is delivered by another, once. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { type Fixture, needs, startNode } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import type { DatagramMemberArguments, ReceivedDatagram } from './fixtures/datagram-member.js'
import { bound, until } from './listening.js'
import { fixtureFile } from './programs.js'
import {
  adopterOf,
  assertHealthy,
  forever,
  isPaused,
  keepOrphans,
  kill,
  namesOf,
  orphansOf,
  pause,
  peerOf,
  untilAllHold,
  wake,
} from './waiting.js'

const needsHolders = needs('holders')

/** Starts UDP members on one free port, and waits until each holds the sockets of all others. */
async function startDatagramGroup(
  t: TestContext,
  size: number,
  options: Partial<DatagramMemberArguments> = {},
) {
  const members: Fixture[] = []
  let port = 0
  for (let i = 0; i < size; i++) {
    const argument = JSON.stringify({ ...options, port })
    const member = startNode(t, fixtureFile('datagram-member.js'), { args: [argument] })
    port = (await member.hear<AddressInfo>('ready')).port
    members.push(member)
  }
  await untilAllHold(port, members, 'udp')
  const [victim, ...others] = members
  assert.ok(victim)
  const { address = '127.0.0.1' } = options
  /** The members that will deliver what waits at the victim: the first in line, and the others. */
  const holders = (): { first: Fixture; rest: Fixture[] } => {
    const names = namesOf(port, { protocol: 'udp', address })
    const inode = names.find(({ pid }) => pid === victim.pid)?.inode ?? 0
    const left = names.filter(({ pid }) => pid !== victim.pid)
    const first = adopterOf(inode, left, others)
    return { first, rest: others.filter((one) => one !== first) }
  }
  return { port, victim, others, members, holders }
}

/** Clients, each with its own socket. */
async function openClients(
  t: TestContext,
  count: number,
  type: dgram.SocketType,
  address: string,
): Promise<dgram.Socket[]> {
  const clients = Array.from({ length: count }, () => dgram.createSocket(type))
  for (const client of clients) {
    t.after(() => client.close())
    client.bind(0, address)
    await bound(client)
  }
  return clients
}

async function send(client: dgram.Socket, text: string, port: number, to: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    client.send(text, port, to, (error) => (error ? reject(error) : resolve()))
  })
}

/** Everything that these members have received. */
async function receivedBy(members: readonly Fixture[]): Promise<ReceivedDatagram[]> {
  const lists = await Promise.all(
    members.map((member) => member.ask<ReceivedDatagram[]>('received')),
  )
  return lists.flat()
}

/** Sends a datagram from each of many clients while one member is blocked: some wait there. */
async function sendToBlocked(
  port: number,
  victim: Fixture,
  clients: readonly dgram.Socket[],
  to: string,
): Promise<void> {
  for (const client of clients) {
    await send(client, `from ${client.address().port}`, port, to)
  }
  assert.ok((await peerOf(port, victim, 'udp')).queue.length > 0, 'datagrams wait at it')
}

/** Waits until each client's datagram has been received, and asserts that this was once, with its address. */
async function assertReceivedOnce(
  members: readonly Fixture[],
  clients: readonly dgram.Socket[],
  address: string,
): Promise<void> {
  await until(async () => (await receivedBy(members)).length >= clients.length)
  const received = await receivedBy(members)
  const family = address.includes(':') ? 'IPv6' : 'IPv4'
  const sent = clients.map((client) => {
    const { port } = client.address()
    return { text: `from ${port}`, address, port, family }
  })
  const byPort = (one: ReceivedDatagram, other: ReceivedDatagram): number => one.port - other.port
  assert.deepEqual(received.sort(byPort), sent.sort(byPort))
}

const kinds = [
  { name: 'IPv4', type: 'udp4', address: '127.0.0.1', client: 'udp4', from: '127.0.0.1' },
  { name: 'IPv6', type: 'udp6', address: '::1', client: 'udp6', from: '::1' },
  { name: 'IPv4 at `::`', type: 'udp6', address: '::', client: 'udp4', from: '127.0.0.1' },
] as const

for (const { name, type, address, client, from } of kinds) {
  const seen = name === 'IPv4 at `::`' ? `::ffff:${from}` : from

  test(
    `datagrams at a killed member are delivered exactly once: ${name}`,
    needsHolders,
    async (t) => {
      const { port, victim, others } = await startDatagramGroup(t, 3, { type, address })
      const clients = await openClients(t, 60, client, from)
      const answers = clients.map((each) => once(each, 'message'))
      await victim.ask('block', forever)
      await sendToBlocked(port, victim, clients, from)
      await kill(victim)
      await assertReceivedOnce(others, clients, seen)
      const pids = new Set(others.map(({ pid }) => String(pid)))
      for (const [text, { port: source }] of await Promise.all(answers)) {
        assert.ok(pids.has(String(text)))
        assert.equal(source, port)
      }
      assertHealthy(others)
    },
  )

  test(`datagrams at a closing member are delivered once: ${name}`, needsHolders, async (t) => {
    const { port, victim, others, members } = await startDatagramGroup(t, 3, { type, address })
    const clients = await openClients(t, 60, client, from)
    // It is stopped, and told to close: when it resumes, it may read some datagrams before it closes.
    await pause(victim)
    await sendToBlocked(port, victim, clients, from)
    victim.tell('close')
    wake(victim)
    await victim.hear('close')
    await assertReceivedOnce(members, clients, seen)
    assertHealthy(others)
  })
}

test('datagrams arrive once though the first in line is stopped', needsHolders, async (t) => {
  const { port, victim, others, holders } = await startDatagramGroup(t, 3)
  const clients = await openClients(t, 60, 'udp4', '127.0.0.1')
  const { first, rest } = holders()
  keepOrphans(t, port, { protocol: 'udp' })
  await victim.ask('block', forever)
  await pause(...others)
  await sendToBlocked(port, victim, clients, '127.0.0.1')
  await kill(victim)
  wake(...rest)
  await until(async () => (await orphansOf(port, 'udp'))[0]?.queue.length === 0)
  assert.ok(isPaused(first))
  wake(first)
  await assertReceivedOnce(others, clients, '127.0.0.1')
  assertHealthy(others)
})

/** A network interface other than loopback that has a link-local address of this family. */
function linkOf(family: 'IPv6'): string | undefined {
  const all = Object.entries(os.networkInterfaces())
  const isLink = (one: os.NetworkInterfaceInfo): boolean =>
    !one.internal && one.family === family && one.address.startsWith('fe80:')
  return all.find(([, addresses]) => addresses?.some(isLink))?.[0]
}

/** What every socket of the port gets a copy of. */
const copies = [
  { name: 'multicast', type: 'udp4', address: '0.0.0.0', group: '239.77.1.2', at: '127.0.0.1' },
  { name: 'multicast at `::`', type: 'udp6', address: '::', group: '239.77.1.3', at: '127.0.0.1' },
  {
    name: 'IPv6 multicast',
    type: 'udp6',
    address: '::',
    group: 'ff02::7701',
    at: `::%${linkOf('IPv6') ?? 'lo'}`,
  },
  { name: 'broadcast', type: 'udp4', address: '0.0.0.0', group: '127.255.255.255', at: null },
] as const

for (const { name, type, address, group, at } of copies) {
  test(`no member gets a second copy when one dies: ${name}`, needsHolders, async (t) => {
    const isFour = !group.includes(':')
    if (!isFour && linkOf('IPv6') === undefined) {
      return t.skip('no network interface here has an IPv6 address for its link')
    }
    const options: Partial<DatagramMemberArguments> = { type, address }
    if (at !== null) options.multicast = [group, at]
    const { port, victim, others } = await startDatagramGroup(t, 3, options)
    const from = isFour ? '127.0.0.1' : '::1'
    const clients = await openClients(t, 30, isFour ? 'udp4' : 'udp6', from)
    const [sender] = await openClients(t, 1, isFour ? 'udp4' : 'udp6', isFour ? from : '::')
    assert.ok(sender)
    if (at === null) sender.setBroadcast(true)
    else sender.setMulticastInterface(at)

    await victim.ask('block', forever)
    await send(sender, 'for all', port, group)
    assert.ok((await peerOf(port, victim, 'udp')).queue.length > 0, 'it has its copy')
    // Datagrams for one member wait behind the copy: when they have come, it has been dealt with.
    await sendToBlocked(port, victim, clients, from)
    const copiesOf = async (): Promise<number[]> =>
      Promise.all(
        others.map(async (each) => {
          const received = await receivedBy([each])
          return received.filter(({ text }) => text === 'for all').length
        }),
      )
    await until(async () => (await copiesOf()).join() === '1,1')
    await kill(victim)
    const isForOne = ({ text }: ReceivedDatagram): boolean => text !== 'for all'
    await until(async () => (await receivedBy(others)).filter(isForOne).length === clients.length)
    assert.deepEqual(await copiesOf(), [1, 1])
    assertHealthy(others)
  })
}

test(
  'a UDP member that leaves receives nothing more but can still answer',
  needsHolders,
  async (t) => {
    const { port, victim, others } = await startDatagramGroup(t, 3)
    const clients = await openClients(t, 60, 'udp4', '127.0.0.1')
    const [client] = clients
    assert.ok(client)
    await Promise.all(clients.map((each) => send(each, 'before', port, '127.0.0.1')))
    await until(async () => (await receivedBy([victim, ...others])).length === 60)
    const before = await receivedBy([victim])
    assert.ok(before.length > 0)
    const { lossless, successors } = await victim.ask<LeaveReport>('leave')
    assert.deepEqual({ lossless, successors }, { lossless: true, successors: 2 })

    for (const each of clients) await send(each, 'after', port, '127.0.0.1')
    await until(
      async () => (await receivedBy(others)).filter(({ text }) => text === 'after').length === 60,
    )
    assert.deepEqual(await receivedBy([victim]), before)
    const answer = new Promise<number>((resolve) => {
      client.on('message', (text, { port: from }) => {
        if (String(text) === 'late') resolve(from)
      })
    })
    await victim.ask('send', { text: 'late', to: client.address().port })
    assert.equal(await answer, port)
    await victim.ask('close')
    assertHealthy(others)
  },
)

test(
  'multicast is not delivered twice though the first in line is stopped',
  needsHolders,
  async (t) => {
    const group = '239.77.1.4'
    const { port, victim, others, holders } = await startDatagramGroup(t, 3, {
      address: '0.0.0.0',
      multicast: [group, '127.0.0.1'],
    })
    const clients = await openClients(t, 30, 'udp4', '127.0.0.1')
    const [sender] = clients
    assert.ok(sender)
    sender.setMulticastInterface('127.0.0.1')
    const { first, rest } = holders()
    const isCopy = ({ text }: ReceivedDatagram): boolean => text === 'for all'
    keepOrphans(t, port, { protocol: 'udp', address: '0.0.0.0' })

    await victim.ask('block', forever)
    await send(sender, 'for all', port, group)
    await sendToBlocked(port, victim, clients, '127.0.0.1')
    await until(async () => (await receivedBy(others)).filter(isCopy).length === 2)
    await pause(first)
    await kill(victim)
    await until(async () => (await orphansOf(port, 'udp'))[0]?.queue.length === 0)
    assert.ok(isPaused(first))
    assert.equal((await receivedBy(rest)).filter(isCopy).length, 1)
    wake(first)
    await until(
      async () =>
        (await receivedBy(others)).filter((one) => !isCopy(one)).length === clients.length,
    )
    assert.equal((await receivedBy(others)).filter(isCopy).length, 2)
    assertHealthy(others)
  },
)
