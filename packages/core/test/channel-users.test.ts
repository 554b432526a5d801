/** The members' channel, reached by other users, and by as many connections as they like. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { countAnswers, type Fixture } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import type { Peer } from '../src/index.js'
import { lockNames } from '../src/inspect/member-names.js'
import {
  keyOf,
  nameOf,
  needsOtherUser,
  openDescriptors,
  otherUser,
  type Sent,
  startAttacker,
  startHoldingGroup,
} from './attacker.js'
import { until } from './listening.js'
import { listenNow, prepareMember, startMember, startPython } from './programs.js'
import {
  assertAnsweredBy,
  fillQueueOf,
  inodesOf,
  keepOrphans,
  kill,
  patient,
  pause,
  untilAllHold,
} from './waiting.js'

/**
 * Sends messages to a member while it is stopped, so that all of them have arrived before the member can
 * close the connection; then resumes the member.
 */
async function deliver(attacker: Fixture, member: Fixture, send: object): Promise<Sent> {
  process.kill(member.pid, 'SIGSTOP')
  attacker.tell('send', send)
  await attacker.hear('delivered')
  process.kill(member.pid, 'SIGCONT')
  return attacker.hear<Sent>('send')
}

/** What a member says about its group, without what changes by itself. */
async function view(member: Fixture): Promise<unknown> {
  const group = await member.ask<Peer[]>('peers')
  return group.map(({ pid, orphan, holders }) => ({ pid, orphan, holders: [...holders].sort() }))
}

/** One of each message that members say, and much that they do not say. */
const messages: Record<string, string[]> = {
  'every message of a member': [
    ...['hello ID -1 1000 r 1125899906842624 any', 'holds', 'full', 'take', 'none'],
    ...['policy s 1125899906842624', 'arranged steered 1 1', 'offered 1', 'retiring 1'],
    ...['retired 1', 'kept 1', 'orphan 1', 'wanted ID'],
    ...['about', 'steer s', 'done', 'failed x'],
    ...['about', 'steer s', 'done', 'failed x'],
  ],
  'numbers from 2^53 on': [
    ...['policy s 9007199254740993', 'hello ID -1 1 s 9007199254740993 any'],
    'retired 9007199254740993',
  ],
  garbage: ['mark 1', 'mark x', '\0\0\0', 'ÿ'.repeat(100), 'x'.repeat(100_000)],
}

for (const [what, texts] of Object.entries(messages)) {
  test(`another user’s connection is closed unread: ${what}`, needsOtherUser, async (t) => {
    const { port, members, first, endpoint } = await startHoldingGroup(t, 2)
    const before = await view(first)
    const attacker = await startAttacker(t, otherUser)
    for (const text of texts) {
      const answer = await deliver(attacker, first, { name: endpoint, messages: [text] })
      assert.deepEqual(answer, { sent: 1, received: [], ended: true }, text.slice(0, 30))
    }
    assert.deepEqual(await view(first), before)
    for (const member of members) await member.ask('steer', 'hash')
    assert.equal((await first.ask<LeaveReport>('leave')).lossless, true)
    await countAnswers({ port }, 10)
  })
}

test(
  'members that listen as root and become another user hold each other',
  needsOtherUser,
  async (t) => {
    const first = startMember(t, { ...patient, port: 0 })
    const { port } = await first.hear<AddressInfo>('ready')
    await first.ask('become', otherUser)
    const second = startMember(t, { ...patient, port })
    await second.hear('ready')
    await second.ask('become', otherUser)
    await untilAllHold(port, [first, second])
    await pause(first)
    const requests = await fillQueueOf(port, first, 10)
    await kill(first)
    await assertAnsweredBy([second], requests)
    // A member that is still root is met, although it trusts nobody but root.
    const third = startMember(t, { ...patient, port })
    await third.hear('ready')
    await untilAllHold(port, [second, third])
  },
)

test('descriptors that come with another user’s message are closed', needsOtherUser, async (t) => {
  const { first, endpoint } = await startHoldingGroup(t, 2)
  const before = openDescriptors(first.pid)
  const attacker = await startAttacker(t, otherUser)
  for (const attach of ['pipe', 'file', 'other port']) {
    for (const count of [1, 100]) {
      const options = { name: endpoint, messages: ['hello ID -1 1 h 0 any'], attach, count }
      const answer = await deliver(attacker, first, options)
      assert.deepEqual(answer, { sent: 1, received: [], ended: true })
    }
  }
  await until(() => openDescriptors(first.pid) <= before)
})

test('another user’s descriptor that is slow to close blocks nobody', needsOtherUser, async (t) => {
  const { first, endpoint } = await startHoldingGroup(t, 1)
  const attacker = await startAttacker(t, otherUser)
  const options = { name: endpoint, messages: ['x'], attach: 'lingering', after: 'wait' }
  assert.equal((await deliver(attacker, first, options)).sent, 1)
  // The close would wait for half a minute.
  const start = performance.now()
  await first.ask('accepted')
  assert.ok(performance.now() - start < 5000, `${performance.now() - start} ms`)
})

test('names of another user that look like members’ do no harm', needsOtherUser, async (t) => {
  const { port, first, second } = await startHoldingGroup(t, 2)
  const attacker = await startAttacker(t, otherUser)
  const { inode } = nameOf(port, second.pid)
  const names = Array.from({ length: 300 }, (_, n) => `reuse/1/${keyOf(port)}/${inode}.${n + 1}.a`)
  assert.equal(await attacker.ask('hold', { names }), names.length)
  const joiner = startMember(t, { port })
  await joiner.hear('ready')
  await untilAllHold(port, [first, second, joiner])
  await first.ask('steer', 'random')
  assert.equal((await joiner.ask<LeaveReport>('leave')).lossless, true)
  assert.deepEqual(await joiner.end(), { code: null, signal: 'SIGTERM' })
  await second.ask('close')
  await countAnswers({ port }, 10)
})

/** Whether a member that begins to listen takes the listener of one that was killed. */
async function isTaken(t: TestContext, hold: (port: number, killed: Fixture) => string[]) {
  const { port, first, second } = await startHoldingGroup(t, 2)
  const attacker = await startAttacker(t, otherUser)
  const names = hold(port, second)
  assert.equal(await attacker.ask('hold', { names }), names.length)
  const joiner = await prepareMember(t, { port })
  const inodes = inodesOf(port)
  keepOrphans(t, port)
  await second.end('SIGKILL')
  await until(async () => (await first.ask<Peer[]>('peers')).some(({ orphan }) => orphan))
  await listenNow(joiner)
  return inodesOf(port).join() === inodes.join()
}

test(
  'no name of another user keeps a joiner from taking a dead member’s listener',
  needsOtherUser,
  async (t) => {
    assert.equal(await isTaken(t, () => []), true)
    const names: Record<string, (port: number, killed: Fixture) => string[]> = {
      'names that come first': (port) =>
        [1, 2, 3, 4].map((pid) => `reuse/1/${keyOf(port)}/0.${pid}.a`),
      'a name with the inode of the listener': (port, killed) => [
        `reuse/1/${keyOf(port)}/${nameOf(port, killed.pid).inode}.1.a`,
      ],
      'a longer name that ends as the member’s': (port, killed) => [
        `reuse/1/${keyOf(port)}/a/${nameOf(port, killed.pid).id}`,
      ],
    }
    // One after the other: a member that is asked for a listener has to answer soon.
    for (const [name, hold] of Object.entries(names)) {
      assert.equal(await isTaken(t, hold), true, name)
    }
  },
)

test(
  'a dead member’s listener is retired though another user has its name',
  needsOtherUser,
  async (t) => {
    const { port, first, second } = await startHoldingGroup(t, 2)
    const attacker = await startAttacker(t, otherUser)
    const { name } = nameOf(port, second.pid)
    process.kill(first.pid, 'SIGSTOP') // Otherwise it would see the end before the name has another owner.
    await second.end('SIGKILL')
    assert.equal(await attacker.ask('hold', { names: [name], how: 'full' }), 1)
    process.kill(first.pid, 'SIGCONT')
    // Only the listener of a member that is gone is taken out of the group.
    await until(async () => (await first.ask<Peer[]>('peers')).length === 1)
    await countAnswers({ port }, 10)
  },
)

for (const how of ['listening', 'not listening']) {
  test(`another user holding the lock’s names blocks nobody: ${how}`, needsOtherUser, async (t) => {
    const { port, first, second } = await startHoldingGroup(t, 2)
    await startPython(t, port, 'share').hear('ready')
    const attacker = await startAttacker(t, otherUser)
    const names = [keyOf(port), `${keyOf(port)}/retire`].flatMap((key) => lockNames(key, 4))
    assert.equal(await attacker.ask('hold', { names, how }), names.length)
    let start = performance.now()
    await first.ask('steer', 'random')
    assert.ok(performance.now() - start < 1500, `steer: ${performance.now() - start} ms`)
    await second.ask('close')
    start = performance.now()
    assert.equal((await first.ask<LeaveReport>('leave')).lossless, true)
    assert.ok(performance.now() - start < 1500, `leave: ${performance.now() - start} ms`)
  })

  test(`orphans go though another user has the lock’s names: ${how}`, needsOtherUser, async (t) => {
    const { port, first, second } = await startHoldingGroup(t, 2)
    const attacker = await startAttacker(t, otherUser)
    const names = [keyOf(port), `${keyOf(port)}/retire`].flatMap((key) => lockNames(key, 4))
    assert.equal(await attacker.ask('hold', { names, how }), names.length)
    await second.ask('close')
    assert.equal((await first.ask<Peer[]>('peers')).length, 2)
    await until(async () => (await first.ask<Peer[]>('peers')).length === 1)
  })
}

for (const uid of [otherUser, undefined]) {
  const who = uid === undefined ? 'this user' : 'another user'
  test(`${who}: thousands of silent connections do no harm`, needsOtherUser, async (t) => {
    const { port, first, endpoint } = await startHoldingGroup(t, 1)
    const before = openDescriptors(first.pid)
    const attacker = await startAttacker(t, uid)
    // While it is stopped, its queue fills up and stays full.
    process.kill(first.pid, 'SIGSTOP')
    const made = await attacker.ask<number>('crowd', { name: endpoint, count: 6000 })
    const room = Math.min(4096, Number(fs.readFileSync('/proc/sys/net/core/somaxconn', 'utf8')))
    assert.ok(made >= room && made < 6000, `${made} were made`)
    const joiner = startMember(t, { port })
    await joiner.hear('ready')
    process.kill(first.pid, 'SIGCONT')
    await countAnswers({ port }, 50)
    // A connection that comes after all of these is answered: they have been accepted.
    const last = await startAttacker(t)
    const hello = { name: endpoint, messages: ['hello ID -1 1 h 0 any'], after: 'wait' }
    await until(async () => (await last.ask<Sent>('send', hello)).received.length > 0)
    await last.end('SIGKILL')
    assert.ok(openDescriptors(first.pid) < before + 200, `${openDescriptors(first.pid)}`)
    // The member that could not be reached is met when the other connections are gone.
    await attacker.ask('release')
    await untilAllHold(port, [first, joiner])
  })
}

/** Why a test cannot use a command here that puts a program into its own namespaces. */
function needsNamespaces(command: readonly string[]): { skip: string | false } {
  if (needsOtherUser.skip) return needsOtherUser
  const [program = '', ...args] = command
  const { status } = spawnSync(program, [...args, 'true'])
  return { skip: status !== 0 && `this system refuses "${command.join(' ')}"` }
}

const asRootOfNothing = [
  ...['setpriv', `--reuid=${otherUser}`, `--regid=${otherUser}`, '--clear-groups'],
  ...['unshare', '--user', '--map-root-user'],
]
test(
  'root in a user namespace of its own is still another user',
  needsNamespaces(asRootOfNothing),
  async (t) => {
    const { port, first, endpoint } = await startHoldingGroup(t, 1)
    const before = await view(first)
    const attacker = await startAttacker(t, undefined, asRootOfNothing)
    const hello = { name: endpoint, messages: ['hello ID -1 1 h 0 any'] }
    assert.deepEqual(await deliver(attacker, first, hello), { sent: 1, received: [], ended: true })
    const join = `
import os, socket
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
try: listener.bind(('127.0.0.1', ${port}))
except OSError as error: print(os.getuid(), error.errno)`
    const [program, ...args] = asRootOfNothing
    const said = execFileSync(program ?? '', [...args, 'python3', '-c', join], { encoding: 'utf8' })
    assert.equal(said, `0 ${os.constants.errno.EADDRINUSE}\n`)
    assert.deepEqual(await view(first), before)
  },
)

const elsewhere = ['unshare', '--net']
test(
  'in another network namespace a member has neither a name nor a port',
  needsNamespaces(elsewhere),
  async (t) => {
    const { port, endpoint } = await startHoldingGroup(t, 2)
    const look = `
import socket
print('reuse/1/' in open('/proc/self/net/unix').read())
print(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect_ex('\\0${endpoint}'))
print(socket.socket().connect_ex(('127.0.0.1', ${port})))`
    const seen = (command: readonly string[]): string => {
      const [program = '', ...args] = [...command, 'python3', '-c', look]
      return execFileSync(program, args, { encoding: 'utf8' })
    }
    assert.equal(seen([]), 'True\n0\n0\n')
    const [name, member, server] = seen(elsewhere).trim().split('\n')
    assert.equal(name, 'False')
    assert.equal(member, String(os.constants.errno.ECONNREFUSED))
    assert.notEqual(server, '0')
  },
)
