/** Members that have as many descriptors as they may, and groups of many members in one process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { constants } from 'node:os'
import { test } from 'node:test'
import { countAnswers, type Fixture, needs, request, startFixture } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { takeOrphan } from '../src/group/take-orphan.js'
import { type Peer, setReuse } from '../src/index.js'
import { memberName } from '../src/inspect/member-names.js'
import { type Addon, native } from '../src/socket/native.js'
import { keyOf, needsAttacker, startAttacker } from './attacker.js'
import { breakCall } from './broken-call.js'
import { listening, sharedServer, until } from './listening.js'
import { fixtureFile, startGroup, startMember } from './programs.js'
import { openDescriptors } from './raw-member.js'

const needsHolders = needs('holders')

async function holdEachOther(ask: () => Promise<readonly Peer[]>, size: number): Promise<void> {
  await until(async () => {
    const group = await ask()
    return group.length === size && group.every(({ holders }) => holders.length === size - 1)
  })
}

test(
  '32 members in one process leave without extra descriptors or a blocked loop',
  needsHolders,
  async (t) => {
    const size = 32
    const warm = sharedServer(t).server // What wakes members exists from the first one on.
    warm.listen(0, '127.0.0.1')
    await listening(warm)
    warm.close()
    await once(warm, 'close')
    const before = openDescriptors()
    const members = Array.from({ length: size }, () => sharedServer(t, { leaveTimeout: 2000 }))
    let port = 0
    for (const { server } of members) {
      server.listen(port, '127.0.0.1')
      port = await listening(server)
    }
    const full = size * (2 + 2 * (size - 1))
    await until(() => openDescriptors() === before + full)
    const seen: number[] = []
    let longest = 0
    let last = performance.now()
    const look = (): void => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    const pulse = setInterval(look, 10)
    t.after(() => clearInterval(pulse))
    const leave = async ({ server, member }: (typeof members)[number]): Promise<LeaveReport> => {
      server.once('close', () => seen.push(openDescriptors()))
      const report = await member.leave()
      seen.push(openDescriptors())
      return report
    }
    const reports = await Promise.all(members.slice(1).map(leave))
    assert.ok(reports.every(({ lossless }) => lossless))
    look()
    assert.ok(longest < 3000, `the event loop was blocked for ${longest} ms`)
    assert.ok(seen.length > 1)
    assert.ok(Math.max(...seen) <= before + full, `${Math.max(...seen) - before} while leaving`)
  },
)

/** Each call, with one of the errors that a limit or a rule of the system can cause. */
const failures: [keyof Addon, string, number][] = [
  ['accept', 'EMFILE', 24],
  ['receive', 'EPERM', 1],
  ['send', 'EPERM', 1],
  ['connectEndpoint', 'EMFILE', 24],
  ['openEndpoint', 'ENFILE', 23],
  ['pollOnce', 'ENOSPC', 28],
  ['getPeer', 'EACCES', 13],
  ['keep', 'ENOMEM', 12],
]

for (const [name, code, errno] of failures) {
  test(`members recover when ${name} fails with ${code} for a while`, needsHolders, async (t) => {
    const first = startMember(t, { port: 0 })
    const { port } = await first.hear<net.AddressInfo>('ready')
    const broken = breakCall(t, name, errno)
    const { server, member } = sharedServer(t, {}, 'here')
    server.listen(port, '127.0.0.1')
    await listening(server)
    const later = startMember(t, { port })
    await later.hear('ready')
    await until(() => broken.failed() > 0)
    await until(async () => (await request({ port })) === 'here')
    broken.restore()
    await holdEachOther(() => member.peers(), 3)
  })
}

test('a member out of descriptors meets a joiner later', needs('holders', 'linux'), async (t) => {
  const limit = 80
  const argument = JSON.stringify({ port: 0, host: '127.0.0.1' })
  const member: Fixture = startFixture(t, [
    ...['prlimit', `--nofile=${limit}`, process.execPath],
    ...[fixtureFile('member.js').pathname, argument],
  ])
  const { port } = await member.hear<net.AddressInfo>('ready')
  const clients: net.Socket[] = []
  t.after(() => clients.forEach((client) => void client.destroy()))
  await until(async () => {
    clients.push(net.connect(port, '127.0.0.1').on('error', () => {}))
    return fs.readdirSync(`/proc/${member.pid}/fd`).length === limit
  })
  const other = startMember(t, { port })
  await other.hear('ready')
  for (const client of clients) client.destroy()
  await until(() => fs.readdirSync(`/proc/${member.pid}/fd`).length < limit)
  await holdEachOther(() => other.ask<Peer[]>('peers'), 2)
  await countAnswers({ port }, 20)
  assert.equal((await member.ask<LeaveReport>('leave')).lossless, true)
  assert.doesNotMatch(member.output, /Error/)
})

test(
  'a member that is out of descriptors retires an orphan later',
  needs('holders', 'steering'),
  async (t) => {
    const { server, member } = sharedServer(t)
    server.listen(0, '127.0.0.1')
    const port = await listening(server)
    const other = startMember(t, { port })
    await other.hear('ready')
    await holdEachOther(() => member.peers(), 2)
    const broken = breakCall(t, 'openEndpoint', constants.errno.EMFILE)
    await other.end('SIGKILL')
    await until(() => broken.failed() > 1)
    broken.restore()
    await until(async () => (await member.peers()).length === 1)
  },
)

test('takeOrphan() with no descriptor left leaks none', needs('holders', 'linux'), async (t) => {
  const { port, members } = await startGroup(t, 2)
  const [leaver, member] = members
  assert.ok(leaver && member)
  await holdEachOther(() => member.ask<Peer[]>('peers'), 2)
  await leaver.end('SIGKILL')
  await until(async () => (await member.ask<Peer[]>('peers')).some(({ orphan }) => orphan))
  const before = openDescriptors()
  const broken = breakCall(t, 'openEndpoint', constants.errno.EMFILE)
  const place = { address: '127.0.0.1', family: 4, ipv6Only: false, port } as const
  assert.equal(takeOrphan('tcp', place, false).orphan, null)
  assert.ok(broken.failed() > 0)
  assert.equal(openDescriptors(), before)
})

test('takeOrphan() keeps nothing from answers that are no orphan', needsAttacker, async (t) => {
  // This is no member's listener: a program that is about to listen asks members whether it is an orphan.
  const listener = native.open('tcp', 4)
  t.after(() => native.close(listener))
  native.bind(listener, '127.0.0.1', 0)
  native.listen(listener, 64)
  const { port } = native.getAddress(listener)
  const place = { address: '127.0.0.1', family: 4, ipv6Only: false, port } as const
  const name = (id: string): string => memberName(keyOf(port), id)
  for (const text of ['orphan INODE', 'orphan 1', 'no message']) {
    const attacker = await startAttacker(t)
    await attacker.ask('answer', { name: name('0.1.a'), text, attach: 'pipe' })
    const before = openDescriptors()
    assert.equal(takeOrphan('tcp', place, false).orphan, null)
    assert.equal(openDescriptors(), before)
    await attacker.end('SIGKILL')
  }
  // Nor does it wait for all that do not answer.
  const silent = await startAttacker(t)
  const names = ['1', '2', '3', '4', '5'].map((pid) => name(`0.${pid}.a`))
  assert.equal(await silent.ask('hold', { names }), names.length)
  const waits = t.mock.method(native, 'waitReadable')
  assert.equal(takeOrphan('tcp', place, false).orphan, null)
  assert.equal(waits.mock.callCount(), 3)
})

test(
  'two ipv6Only members on `::` leave quickly beside a listener on ::1',
  needs('holders', 'steering'),
  async (t) => {
    const members = [0, 1].map(() => {
      const server = http.createServer((_, response) => response.end())
      const member = setReuse(server, { leaveTimeout: 3000 })
      t.after(() => server.close())
      return { server, member }
    })
    let port = 0
    for (const { server } of members) {
      server.listen({ port, host: '::', ipv6Only: true })
      port = await listening(server)
    }
    const exact = sharedServer(t)
    exact.server.listen(port, '::1')
    await listening(exact.server)
    let longest = 0
    let last = performance.now()
    const look = (): void => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    const pulse = setInterval(look, 10)
    t.after(() => clearInterval(pulse))
    for (const { member } of members) await member.steer('random')
    for (const { member } of members) await member.leave()
    look()
    // A leave that retries until the time is up takes all of leaveTimeout.
    assert.ok(longest < 2000, `the event loop was blocked for ${longest} ms`)
    await exact.member.leave()
  },
)
