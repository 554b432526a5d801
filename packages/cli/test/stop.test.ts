/** `reuse stop`: members leave. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Listener } from '@reuse/core/group'
import { request } from '@reuse/testkit'
import { Failure } from '../src/failure.js'
import { chooseTarget, type TargetOptions } from '../src/stop/target.js'
import { whoStays } from '../src/stop/wait.js'
import {
  list,
  needsLinux,
  needsOtherUser,
  needsPython,
  otherUser,
  pause,
  reuse,
  startGroup,
  startMember,
  startStranger,
} from './programs.js'

test('reuse stop PORT stops its members and no other program', needsPython, async (t) => {
  const { port, programs } = await startGroup(t, {}, {})
  const { program: python } = await startStranger(t, 1, 'share', String(port))
  const { program: elsewhere, port: further } = await startMember(t)
  const { status, stdout, stderr } = await reuse(['stop', port])
  assert.equal(status, 0)
  const lines = stdout.trimEnd().split('\n').sort()
  const expected = programs.map(
    ({ pid }) => new RegExp(`\\(pid ${pid}\\) on port ${port}: has left$`),
  )
  assert.equal(lines.length, 2)
  for (const line of expected)
    assert.ok(
      lines.some((one) => line.test(one)),
      stdout,
    )
  assert.match(stderr, new RegExp(`\\(pid ${python.pid}\\) on port ${port}: .* was left alone\n$`))
  assert.deepEqual(
    (await list(port)).map(({ pid }) => pid),
    [python.pid],
  )
  for (const program of programs) assert.deepEqual(await program.exit(), { code: 0, signal: null })
  assert.equal(await request({ port: further }), String(elsewhere.pid))
})

test('reuse stop --pid --json stops one program on all its ports', needsLinux, async (t) => {
  const { program, ports } = await startMember(t, { ports: [0, 0] })
  const [first = 0] = ports
  const { program: other } = await startMember(t, { ports: [first] })
  const { status, stdout } = await reuse(['stop', '--json', '--pid', program.pid])
  assert.equal(status, 0)
  const { members, leftAlone } = JSON.parse(stdout)
  assert.equal(members.length, 1)
  assert.deepEqual([members[0].pid, members[0].left, leftAlone], [program.pid, true, []])
  assert.deepEqual(members[0].ports.sort(), [...ports].sort())
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  assert.equal(await request({ port: first }), String(other.pid))
})

test('whoStays waits until the members have left', needsLinux, async (t) => {
  const { program, port } = await startMember(t, { stubborn: true })
  const asked = [{ pid: program.pid, program: null, ports: [port] }]
  let isOver = false
  const waiting = whoStays(asked, 600).finally(() => {
    isOver = true
  })
  // When this check has ended, the waiting one has checked too.
  assert.deepEqual(await whoStays(asked, 0), asked)
  assert.equal(isOver, false)
  program.tell('close')
  assert.deepEqual(await waiting, [])
})

test('reuse stop fails for a program that does not leave in time', needsLinux, async (t) => {
  const { program, port } = await startMember(t, { stubborn: true })
  const { status, stdout, stderr } = await reuse(['stop', `:${port}`, '--timeout', '0.2'])
  await program.hear('asked')
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(
    stderr,
    new RegExp(`\\(pid ${program.pid}\\) on port ${port}: still there after 0\\.2 s`),
  )
  assert.match(stderr, /reuse: 1 of 1 program did not leave\.\n$/)
  assert.equal((await list(port)).length, 1)
})

test('a program suspended by SIGSTOP leaves once it is woken', needsLinux, async (t) => {
  const { program, port } = await startMember(t)
  await pause(program)
  const { status, stderr } = await reuse(['stop', '--port', port, '--timeout', '0.2'])
  assert.equal(status, 1)
  assert.match(stderr, new RegExp(`It is suspended: 'kill -CONT ${program.pid}' resumes it`))
  process.kill(program.pid, 'SIGCONT')
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
})

test('a program without @reuse is not stopped', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  for (const args of [[port], [`:${port}`], ['--pid', program.pid]]) {
    const { status, stderr } = await reuse(['stop', ...args])
    assert.equal(status, 1, args.join(' '))
    assert.match(stderr, /'kill .*' ends (it|one of them)\.\n$/)
  }
  assert.equal(await request({ port }), 'python')
})

test("another user's member is not stopped", needsOtherUser, async (t) => {
  const { program, port } = await startMember(t, { uid: otherUser })
  const { status, stderr } = await reuse(['stop', `:${port}`])
  assert.equal(status, 1)
  assert.match(stderr, /no program on port \d+ is a member owned by your user/)
  assert.equal(await request({ port }), String(program.pid))
})

// ---- what a number means -----------------------------------------------------------------------

function listener(pid: number, port: number): Listener {
  return {
    ...{
      pid,
      port,
      uid: 1,
      program: 'node a.js',
      address: '127.0.0.1',
      queue: { length: 0, limit: 1 },
    },
    ...{ self: false, orphan: false, holders: [], inode: 1, protocol: 'tcp', member: true },
    standing: null,
  }
}

/** Process 3000 has port 4000, and others have port 3000. */
const machine = {
  members: [listener(3000, 4000), listener(71, 3000), listener(72, 3000), listener(72, 5000)],
  strangers: [
    { ...listener(90, 6000), member: false },
    { ...listener(91, 3000), member: false },
  ],
}

const pidsOf = (text?: string, options: TargetOptions = {}) =>
  chooseTarget(text, options, machine).members.map(({ pid }) => pid)

test('reuse stop takes a number as a pid or as a port, whichever exists', () => {
  assert.deepEqual(pidsOf('4000'), [3000])
  assert.deepEqual(pidsOf('72'), [72])
  assert.deepEqual(pidsOf(':3000'), [71, 72])
  assert.deepEqual(pidsOf(undefined, { port: 3000 }), [71, 72])
  assert.deepEqual(pidsOf(undefined, { pid: 3000 }), [3000])
  assert.deepEqual(chooseTarget('72', {}, machine).members[0]?.ports, [3000, 5000])
  assert.deepEqual(chooseTarget(':3000', {}, machine).members[1]?.ports, [3000])
  assert.deepEqual(
    chooseTarget(':3000', {}, machine).strangers.map(({ pid }) => pid),
    [91],
  )
})

const refusals: [string | undefined, TargetOptions, number, RegExp][] = [
  ['3000', {}, 2, /Type 'reuse stop :3000' or 'reuse stop --pid 3000'/],
  [undefined, {}, 2, /Nothing says what to stop/],
  ['3000', { pid: 3000 }, 2, /More than one target/],
  ['node', {}, 2, /'node' is neither a pid nor a port/],
  [':70000', {}, 2, /neither/],
  ['0', {}, 2, /neither/],
  ['7777', {}, 1, /no member on port 7777 .*process 7777 is not a member/],
  [':7777', {}, 1, /no program listens on port 7777/],
  ['6000', {}, 1, /no program on port 6000 is a member/],
  [undefined, { pid: 90 }, 1, /'kill 90' ends it/],
  [undefined, { pid: 7777 }, 1, /not a member of any group/],
]

for (const [text, options, exitCode, message] of refusals) {
  test(`reuse stop ${text ?? ''} ${JSON.stringify(options)} is refused with a reason`, () => {
    assert.throws(
      () => pidsOf(text, options),
      (error) =>
        error instanceof Failure && error.exitCode === exitCode && message.test(error.message),
    )
  })
}
