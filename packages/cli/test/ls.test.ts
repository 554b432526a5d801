/** `reuse ls`: who shares a port. */
import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startNode, until } from '@reuse/testkit'
import {
  list,
  needsLinux,
  needsOtherUser,
  needsPython,
  otherUser,
  pause,
  type Result,
  reuse,
  startDatagramMember,
  startGroup,
  startMember,
  startStranger,
  untilPeers,
} from './programs.js'

/** The cells of a table below its headings; two blanks end a cell. */
function rowsOf(table: string): string[][] {
  const [, ...lines] = table.trimEnd().split('\n')
  return lines.map((line) => line.trim().split(/ {2,}/))
}

/** What `reuse ls` prints when every member has answered in time: a busy one may not. */
function reuseLs(port: number): Promise<Result> {
  return until(async () => {
    const result = await reuse(['ls', port])
    return result.stdout.includes('  ?') ? null : result
  })
}

test('reuse ls lists members and weights, and programs without @reuse', needsPython, async (t) => {
  const { port, programs } = await startGroup(t, {}, { reuse: { weight: 0.25 } })
  const [one = 0, other = 0] = programs.map(({ pid }) => pid)
  const { program: python } = await startStranger(t, 1, 'share', String(port))
  const { status, stdout, stderr } = await reuseLs(port)
  assert.deepEqual([status, stderr], [0, ''])
  assert.match(
    stdout,
    /^PROTO {2}ADDRESS +PID {2}USER +PROGRAM +WEIGHT {2}POLICY {2}QUEUE {2}HELD BY\n/,
  )

  const user = os.userInfo().username
  const address = `127.0.0.1:${port}`
  const cells = rowsOf(stdout).map((row) => row.filter((_, index) => index !== 4))
  const expected = [
    ['tcp', address, String(one), user, '1', 'hash', '0/511', String(other)],
    ['tcp', address, String(other), user, '0.25', 'hash', '0/511', String(one)],
    ['tcp', address, String(python.pid), user, '-', '-', '0/5', '-'],
  ]
  assert.deepEqual(cells.sort(), expected.sort())
  assert.match(stdout, /node .*member\.js/)
  assert.match(stdout, /python3\S* .*stranger\.py/)
})

test('reuse ls --json lists members, and programs without @reuse', needsPython, async (t) => {
  const { port, programs } = await startGroup(t, { reuse: { steering: 'random', weight: 2 } }, {})
  const [one, other] = programs.map(({ pid }) => pid)
  const member = await until(async () => {
    return (await list(port)).find(({ pid, weight }) => pid === one && weight !== null)
  })
  const { program, inode, ...rest } = member
  assert.match(program ?? '', /^node .*member\.js$/)
  assert.ok(inode > 0)
  assert.deepEqual(rest, {
    ...{ protocol: 'tcp', address: '127.0.0.1', port, pid: one },
    ...{ uid: process.geteuid?.(), user: os.userInfo().username },
    ...{ member: true, weight: 2, policy: 'random', queue: { length: 0, limit: 511 } },
    ...{ orphan: false, holders: [other] },
  })
  const { program: python, port: further } = await startStranger(t)
  const [stranger] = await list(further)
  assert.deepEqual(
    [stranger?.pid, stranger?.member, stranger?.weight, stranger?.policy],
    [python.pid, false, null, null],
  )
})

test('reuse ls without a port lists all TCP listeners, no UDP sockets', needsPython, async (t) => {
  const { port } = await startMember(t)
  const { port: further } = await startStranger(t)
  const { port: udp } = await startDatagramMember(t)
  const ports = (await list()).map((one) => one.port)
  assert.ok(ports.includes(port) && ports.includes(further))
  assert.deepEqual(
    ports,
    ports.toSorted((a, b) => a - b),
  )
  assert.ok((await list()).every(({ protocol }) => protocol === 'tcp'))
  assert.ok((await list('--udp')).some((one) => one.port === udp && one.protocol === 'udp'))
})

test('reuse ls ADDRESS:PORT lists the listeners of that address only', needsLinux, async (t) => {
  const { port, program } = await startMember(t)
  await startMember(t, { ports: [port], host: '127.0.0.2' })
  assert.equal((await list(port)).length, 2)
  assert.deepEqual(
    (await list(`127.0.0.1:${port}`)).map(({ pid }) => pid),
    [program.pid],
  )
})

test('reuse ls shows an orphan and the pid that holds it', needsLinux, async (t) => {
  const { port, programs } = await startGroup(t, {}, {})
  const [first, second] = programs
  await second?.end('SIGKILL')
  await untilPeers(port, (group) => group.some(({ orphan }) => orphan))
  const orphan = (await list(port)).find((one) => one.orphan)
  assert.deepEqual([orphan?.pid, orphan?.holders], [null, [first?.pid]])
  const { stdout } = await reuse(['ls', port])
  assert.match(stdout, new RegExp(`-  \\S+ +\\(orphan\\) +-  - +0/511  ${first?.pid}\n`))
})

test('reuse ls --udp lists a UDP port; without it, an error suggests it', needsLinux, async (t) => {
  const { port, program } = await startDatagramMember(t)
  const socket = await until(async () => {
    return (await list('--udp', port)).find(({ policy }) => policy !== null)
  })
  assert.deepEqual([socket.pid, socket.policy, socket.protocol], [program.pid, 'hash', 'udp'])
  const { status, stdout, stderr } = await reuse(['ls', port])
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /^reuse: no program listens on TCP port \d+\. .*add --udp\.\n$/)
})

test('reuse ls fails for a port on which nobody listens', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  assert.equal((await reuse(['ls', port])).status, 0)
  await program.end('SIGKILL')
  const { status, stdout, stderr } = await reuse(['ls', port])
  assert.deepEqual([status, stdout], [1, ''])
  assert.equal(stderr, `reuse: no program listens on TCP port ${port}.\n`)
  const json = await reuse(['ls', '--json', port])
  assert.deepEqual([json.status, json.stdout], [1, '[]\n'])
})

test('reuse ls shows a suspended member with ? as its weight and policy', needsLinux, async (t) => {
  const { port, programs } = await startGroup(t, {}, {})
  const [first, second] = programs
  assert.ok(first && second)
  await pause(second)
  const firstRow = new RegExp(` ${first.pid}  .*  1  hash +0/511`)
  const { status, stdout, stderr } = await until(async () => {
    const result = await reuse(['ls', port])
    return firstRow.test(result.stdout) ? result : null
  })
  assert.equal(status, 0)
  assert.match(stdout, new RegExp(` ${second.pid}  .*  \\?  \\? +0/511`))
  assert.match(stderr, /^\? stands for members that did not answer .* busy or suspended\.\n$/)
  process.kill(second.pid, 'SIGCONT')
})

/** Starts a member from a copy of its program with another name. */
async function startNamed(t: TestContext, name: string): Promise<number> {
  // Beside the program, so that it finds what it imports.
  const fixtures = fileURLToPath(new URL('./fixtures/', import.meta.url))
  const folder = mkdtempSync(path.join(fixtures, 'named-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = path.join(folder, name)
  copyFileSync(path.join(fixtures, 'member.js'), file)
  const [port = 0] = await startNode(t, file).hear<number[]>('ready')
  return port
}

test('control characters in program names do not reach the terminal', needsLinux, async (t) => {
  const port = await startNamed(t, '\x1b[31mred\n\x07.js')
  const { stdout } = await reuse(['ls', port])
  assert.match(stdout, /\?\[31mred/)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are meant.
  assert.doesNotMatch(stdout, /[\x1b\x07]/)
  const explained = await reuse(['explain', port])
  assert.match(explained.stdout, /\?\[31mred/)
  assert.ok(!explained.stdout.includes('\x1b'))
})

test('reuse ls shows ? for what it may not see of other users', needsOtherUser, async (t) => {
  const { port, program } = await startMember(t, { uid: otherUser })
  // Root sees who owns the program, but members answer only their own user.
  const asRoot = await reuse(['ls', port])
  assert.match(asRoot.stdout, new RegExp(` ${program.pid}  ${otherUser}  .*  \\?  \\? `))
  assert.match(asRoot.stderr, /^\? stands for other users' weights and policies/)
  const weight = async (): Promise<number | null> => {
    const { stdout } = await reuse(['ls', '--json', port], { uid: otherUser })
    return JSON.parse(stdout)[0].weight
  }
  assert.equal(await until(weight), 1)
  const { port: own } = await startMember(t)
  const asOther = await reuse(['ls', own], { uid: otherUser })
  assert.match(asOther.stdout, new RegExp(`127.0.0.1:${own} +\\?  \\S+ +\\?`))
  assert.match(asOther.stderr, /shows only to root/)
})
