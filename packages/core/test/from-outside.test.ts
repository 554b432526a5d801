/** What a process that is no member can learn about a group, and change: `@reuse/core/group`. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import os from 'node:os'
import { test } from 'node:test'
import { countAnswers, needs, request, startNode } from '@reuse/testkit'
import { ask } from '../src/group/inquiry.js'
import {
  hasMemberName,
  type Listener,
  listListeners,
  listMemberNames,
  peerOfConnection,
  shareRunning,
  steerGroups,
} from '../src/group.js'
import { descriptorOf } from '../src/inspect/processes.js'
import { native } from '../src/socket/native.js'
import { needsOtherUser, otherUser, startHoldingGroup } from './attacker.js'
import { breakCall } from './broken-call.js'
import { until } from './listening.js'
import { fixtureFile, startGroup, startMember, startPython } from './programs.js'
import { openDescriptors } from './raw-member.js'
import { pause, wake } from './waiting.js'

const { errno } = os.constants
const needsHolders = needs('holders')
const needsPython = needs('holders', 'python')

const tcp = (port: number) => listListeners({ port, protocol: 'tcp' })

async function of(port: number, pid: number): Promise<Listener> {
  const found = (await tcp(port)).find((one) => one.pid === pid)
  assert.ok(found, `${pid} has no socket on port ${port}`)
  return found
}

/** What a member says about itself; one that is busy for too long says nothing. */
function standingOf(port: number, pid: number) {
  return until(async () => (await of(port, pid)).standing)
}

test('members report their weights and the policy of their group', needsPython, async (t) => {
  const { port, members } = await startGroup(t, 1, { reuse: { weight: 0.5, steering: 'random' } })
  const second = startMember(t, { port, reuse: { only: 'same-program' } })
  await second.hear('ready')
  const python = startPython(t, port, 'share')
  await python.hear('ready')
  await until(async () => (await of(port, second.pid)).standing?.policy === 'random')

  assert.deepEqual(await standingOf(port, members[0]?.pid ?? 0), {
    ...{ weight: 0.5, policy: 'random', only: false },
  })
  assert.deepEqual(await standingOf(port, second.pid), {
    ...{ weight: 1, policy: 'random', only: true },
  })
  const stranger = await of(port, python.pid)
  assert.equal(stranger.member, false)
  assert.equal(stranger.standing, null)
})

test('listListeners() covers every port, or one address of one port', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 1)
  const other = startMember(t, { port, host: '127.0.0.2' })
  await other.hear('ready')
  const { port: further } = await startGroup(t, 1)
  const all = await listListeners({ protocol: 'tcp' })
  for (const each of [port, further]) assert.ok(all.some((one) => one.port === each))
  const at = await listListeners({ protocol: 'tcp', port, host: '127.0.0.1' })
  assert.deepEqual(
    at.map(({ pid }) => pid),
    members.map(({ pid }) => pid),
  )
})

test('a stopped member is listed as a member without a standing', needsHolders, async (t) => {
  const { port, first, second } = await startHoldingGroup(t, 2)
  await pause(second)
  const stopped = await of(port, second.pid)
  assert.deepEqual([stopped.member, stopped.standing], [true, null])
  await standingOf(port, first.pid)
  wake(second)
  await standingOf(port, second.pid)
})

test('an orphan is listed with its holders but without a member', needsHolders, async (t) => {
  const { port, first, second } = await startHoldingGroup(t, 2)
  await second.end('SIGKILL')
  await until(async () => (await tcp(port)).some(({ orphan }) => orphan))
  const orphan = (await tcp(port)).find((one) => one.orphan)
  assert.deepEqual([orphan?.pid, orphan?.member, orphan?.standing], [null, false, null])
  assert.deepEqual(orphan?.holders, [first.pid])
})

test('a UDP socket is listed with its policy, and can be steered', needsHolders, async (t) => {
  const reuse = { steering: { payload: { offset: 1, length: 4 } } }
  const member = startNode(t, fixtureFile('datagram-member.js'), {
    args: [JSON.stringify({ port: 0, reuse })],
  })
  const { port } = await member.hear<{ port: number }>('ready')
  const [socket] = await listListeners({ port, protocol: 'udp' })
  assert.deepEqual([socket?.pid, socket?.protocol], [member.pid, 'udp'])
  const policy = async () => (await listListeners({ port, protocol: 'udp' }))[0]?.standing?.policy
  assert.deepEqual(await until(policy), reuse.steering)
  assert.deepEqual(await tcp(port), [])
  const [outcome] = await steerGroups({ port, protocol: 'udp' }, 'hash')
  assert.equal(outcome?.result, 'steered')
  assert.equal(await until(policy), 'hash')
})

/** How many members answer one client address. */
async function homes(port: number): Promise<number> {
  return (await countAnswers({ port, localAddress: '127.0.0.77' }, 60)).size
}

test(
  'steering from outside changes who answers, and all members know it',
  needsHolders,
  async (t) => {
    const { port, members } = await startHoldingGroup(t, 3)
    assert.ok((await homes(port)) > 1)
    const outcome = await steerGroups({ port, protocol: 'tcp' }, 'source-address')
    assert.deepEqual(outcome, [{ protocol: 'tcp', address: '127.0.0.1', port, result: 'steered' }])
    // A member that has not heard of it may still take what waits at another, for some milliseconds.
    for (const { pid } of members) {
      await until(async () => (await of(port, pid)).standing?.policy === 'source-address')
    }
    assert.equal(await homes(port), 1)
    await steerGroups({ port, protocol: 'tcp' }, 'hash')
    assert.ok((await homes(port)) > 1)
  },
)

test(
  'steerGroups() skips a stopped member, and says "silent" if all are stopped',
  needsHolders,
  async (t) => {
    const { port, members, first, second } = await startHoldingGroup(t, 2)
    await pause(first)
    const steer = async () => (await steerGroups({ port, protocol: 'tcp' }, 'random'))[0]?.result
    assert.equal(await steer(), 'steered')
    await pause(second)
    assert.equal(await steer(), 'silent')
    wake(...members)
  },
)

test('steerGroups() reports a group that it cannot steer', needsPython, async (t) => {
  const python = startPython(t, 0)
  const { port } = await python.hear<{ port: number }>('ready')
  const where = { port, protocol: 'tcp' } as const
  assert.deepEqual(await steerGroups(where, 'random'), [
    { protocol: 'tcp', address: '127.0.0.1', port, result: 'no-members' },
  ])
  const payload = { payload: { offset: 0, length: 1 } }
  await assert.rejects(steerGroups(where, payload), { code: 'ERR_REUSE_UNSUPPORTED' })
  await python.end('SIGKILL')
  assert.deepEqual(await steerGroups(where, 'random'), [])
})

test('a member refuses a policy that its protocol lacks, and says why', needsHolders, async (t) => {
  const { endpoint, port } = await startHoldingGroup(t, 1)
  const policy = { payload: { offset: 0, length: 1 } }
  const answer = await ask(endpoint, { type: 'steer', policy }, 10_000)
  assert.ok(typeof answer === 'object' && answer.type === 'failed', JSON.stringify(answer))
  assert.match(answer.why, /is for UDP/)
  await request({ port })
})

test(
  'a message that is no question, or a name that nobody has, yields "gone"',
  needsHolders,
  async (t) => {
    const { endpoint } = await startHoldingGroup(t, 1)
    assert.equal(await ask(endpoint, { type: 'none' }, 10_000), 'gone')
    assert.equal(await ask(`${endpoint}x`, { type: 'about' }, 10_000), 'gone')
  },
)

test("another user's group is listed, and neither asked nor steered", needsOtherUser, async (t) => {
  const { port, members } = await startGroup(t, 1, { uid: otherUser })
  const [listed] = await tcp(port)
  assert.deepEqual([listed?.uid, listed?.member, listed?.standing], [otherUser, true, null])
  const [outcome] = await steerGroups({ port, protocol: 'tcp' }, 'random')
  assert.equal(outcome?.result, 'other-user')
  await members[0]?.ask('peers')
})

// ---- a program that runs ----------------------------------------------------------------------

test('shareRunning() makes a program without @reuse share its port', needsPython, async (t) => {
  const python = startPython(t, 0)
  const { port } = await python.hear<{ port: number }>('ready')
  const early = startMember(t, { port })
  assert.equal((await early.hear<{ code: string }>('failed')).code, 'EADDRINUSE')

  const { inode } = await of(port, python.pid)
  const socket = { pid: python.pid, inode, protocol: 'tcp' } as const
  const before = openDescriptors()
  assert.equal(shareRunning(socket), 'shared')
  assert.equal(shareRunning(socket), 'already')
  assert.equal(openDescriptors(), before)
  const late = startMember(t, { port })
  await late.hear('ready')
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual(new Set(answers.keys()), new Set(['python', String(late.pid)]))
})

test('shareRunning() says "gone" of a socket the program does not have', needsPython, async (t) => {
  const python = startPython(t, 0)
  const { port } = await python.hear<{ port: number }>('ready')
  const { inode } = await of(port, python.pid)
  const socket = { pid: python.pid, inode, protocol: 'tcp' } as const
  assert.equal(shareRunning({ ...socket, inode: inode + 1 }), 'gone')
  assert.equal(shareRunning({ ...socket, pid: process.pid }), 'gone')
  // The descriptor that was found is another socket when it is taken.
  const other = native.open('tcp', 4)
  t.after(() => native.close(other))
  const mock = t.mock.method(native, 'takeDescriptor', () => native.duplicate(other))
  assert.equal(shareRunning(socket), 'gone')
  assert.equal(native.getOption(other, 'SO_REUSEPORT'), 0)
  mock.mock.restore()
  breakCall(t, 'takeDescriptor', errno.ESRCH)
  assert.equal(shareRunning(socket), 'gone')
})

for (const [code, hint] of [
  ['EPERM', /ptrace_scope/],
  ['ENOSYS', /Linux 5\.6/],
] as const) {
  test(`shareRunning() explains a refusal with ${code}`, needsPython, async (t) => {
    const python = startPython(t, 0)
    const { port } = await python.hear<{ port: number }>('ready')
    const { inode } = await of(port, python.pid)
    breakCall(t, 'takeDescriptor', errno[code])
    const share = () => shareRunning({ pid: python.pid, inode, protocol: 'tcp' })
    assert.throws(share, { code, message: hint })
  })
}

test(
  'takeDescriptor() takes a descriptor, and fails if it or its process is gone',
  needsPython,
  async (t) => {
    const python = startPython(t, 0)
    const { port } = await python.hear<{ port: number }>('ready')
    const { inode } = await of(port, python.pid)
    const descriptor = descriptorOf(python.pid, inode)
    assert.ok(descriptor !== null)
    const taken = native.takeDescriptor(python.pid, descriptor)
    assert.equal(native.getAddress(taken).port, port)
    native.close(taken)
    const failing = (pid: number, number: number) => () => native.takeDescriptor(pid, number)
    assert.throws(failing(python.pid, 4000), { errno: errno.EBADF, syscall: 'pidfd_getfd' })
    await python.end('SIGKILL')
    assert.throws(failing(python.pid, descriptor), { errno: errno.ESRCH, syscall: 'pidfd_getfd' })
    assert.throws(failing(0, 0), RangeError)
  },
)

test('takeDescriptor() refuses a descriptor of another user', needsOtherUser, async (t) => {
  const python = startPython(t, 0)
  await python.hear('ready')
  // The real user counts, which a process cannot change back.
  const code = `
    const { native } = await import(${JSON.stringify(new URL('../src/socket/native.js', import.meta.url))})
    process.setuid(${otherUser})
    try {
      native.takeDescriptor(${python.pid}, 0)
    } catch ({ errno }) {
      console.log(errno)
    }`
  const options = ['--input-type=module', '-e', code]
  const said = execFileSync(process.execPath, options, { encoding: 'utf8' })
  assert.equal(said, `${errno.EPERM}\n`)
})

test('hasMemberName() spots an impostor among listMemberNames()', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 2)
  const pids = members.map(({ pid }) => pid)
  const named = () => listMemberNames().filter((one) => one.port === port)
  assert.deepEqual(
    named()
      .map(({ pid }) => pid)
      .sort(),
    pids.sort(),
  )
  for (const one of named()) {
    assert.deepEqual([one.protocol, one.address], ['tcp', '127.0.0.1'])
    assert.equal(one.key, named()[0]?.key)
    assert.equal(hasMemberName(one), true)
  }

  // A process pretends to be one of them.
  const [first] = named()
  assert.ok(first)
  const pretended = native.openEndpoint(`reuse/1/${first.key}/1.${first.pid}.0`)
  t.after(() => native.close(pretended))
  const [false_, ...more] = named().filter((one) => !hasMemberName(one))
  assert.deepEqual([false_?.pid, more], [first.pid, []])

  // Names that are not those of members.
  for (const name of [
    'reuse/1/lock/x/0',
    'reuse/1/1.2.0',
    `reuse/1/tcp/x/dual/1/${first.pid}.2.0`,
  ]) {
    const other = native.openEndpoint(name)
    t.after(() => native.close(other))
  }
  assert.ok(listMemberNames().every((one) => Number.isInteger(one.port) && one.key.length > 0))
  assert.ok(!listMemberNames().some(({ address }) => address === 'x'))
})

test('peerOfConnection() gives the pid and uid at the other end', needsHolders, async (t) => {
  const name = `reuse-test/${process.pid}`
  const endpoint = native.openEndpoint(name)
  t.after(() => native.close(endpoint))
  const connection = native.connectEndpoint(name)
  t.after(() => native.close(connection))
  assert.deepEqual(peerOfConnection(connection), { pid: process.pid, uid: process.geteuid?.() })
  assert.throws(() => peerOfConnection(1_000_000), { code: 'EBADF' })
})
