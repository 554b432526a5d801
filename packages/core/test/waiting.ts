/** Connections that wait, and the processes that have them. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import type net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type Fixture, request } from '@reuse/testkit'
import { isAdopter } from '../src/group/duties.js'
import { type Lock, retireLockKey, tryLock } from '../src/group/lock.js'
import { type Peer, peers, setReuse } from '../src/index.js'
import { groupKey, listMembers, type MemberName } from '../src/inspect/member-names.js'
import { native, type Protocol } from '../src/socket/native.js'
import { listening, until } from './listening.js'
import { startMember } from './programs.js'

/** Longer than any test: a program that is blocked for this long is killed. */
export const forever = 600_000

/** Members that take nothing from living members, so that what waits at one stays there. */
export const patient = { reuse: { rescue: false } }

/** One request on its own connection: the answer, or the code of what went wrong. */
export function ask(port: number, localAddress?: string): Promise<string> {
  const from = localAddress === undefined ? {} : { localAddress }
  return request({ port, ...from }).catch((error) => String(error.code ?? error))
}

/** How many times each answer was given. */
export function tally(answers: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1
  return counts
}

/** The inodes of a port's sockets. */
export function inodesOf(port: number, protocol: Protocol = 'tcp'): number[] {
  const inodes = native.list(protocol, port).map(({ inode }) => inode)
  return inodes.sort((one, other) => one - other)
}

/** Which group of a port is meant; by default the one of 127.0.0.1. */
interface Where {
  protocol?: Protocol
  address?: string
}

function keyOf(port: number, { protocol = 'tcp', address = '127.0.0.1' }: Where): string {
  const family = address.includes(':') ? 6 : 4
  return groupKey(protocol, { address, family, port, ipv6Only: false })
}

/** How the members of a group present themselves. */
export function namesOf(port: number, where: Where = {}): MemberName[] {
  return listMembers(keyOf(port, where))
}

/**
 * Keeps members from taking orphans out of their group, until the test ends or the returned function is
 * called: on a busy machine a test takes longer than the five seconds for which an orphan waits. A member
 * that is to take one out waits its turn, but at most ten seconds longer. Call this before the kill.
 */
export function keepOrphans(t: TestContext, port: number, where: Where = {}): () => void {
  let lock: Lock | null = tryLock(retireLockKey(keyOf(port, where)))
  assert.ok(lock, 'an orphan is taken out already')
  const release = (): void => {
    lock?.release()
    lock = null
  }
  t.after(release)
  return release
}

/** The socket of a member; fails if it has none. */
export async function peerOf(
  port: number,
  { pid }: Fixture,
  protocol: Protocol = 'tcp',
): Promise<Peer> {
  const peer = (await peers({ port, protocol })).find((one) => one.pid === pid)
  if (peer === undefined) throw new Error(`${pid} has no socket on port ${port}`)
  return peer
}

/** The sockets of a port whose members are gone. */
export async function orphansOf(port: number, protocol: Protocol = 'tcp'): Promise<Peer[]> {
  return (await peers({ port, protocol })).filter(({ orphan }) => orphan)
}

/** Waits until every member of a group holds the socket of every other, and all orphans. */
export async function untilAllHold(
  port: number,
  members: readonly Fixture[],
  protocol: Protocol = 'tcp',
): Promise<void> {
  const pids = members.map(({ pid }) => pid)
  await until(async () => {
    const group = await peers({ port, protocol })
    const serving = group.map(({ pid }) => pid)
    return (
      pids.every((pid) => serving.includes(pid)) &&
      group.every(({ pid: owner, holders }) =>
        pids.every((pid) => pid === owner || holders.includes(pid)),
      )
    )
  })
}

/** A stopped member, and a server of this process beside it, which holds its listener. */
export async function listenBesideStopped(
  t: TestContext,
  server: net.Server,
): Promise<{ port: number; stopped: Fixture }> {
  const stopped = startMember(t, { port: 0 })
  const { port } = await stopped.hear<net.AddressInfo>('ready')
  setReuse(server)
  t.after(() => server.close())
  server.listen(port, '127.0.0.1')
  await listening(server)
  await until(async () => {
    const group = await peers({ port })
    return group.every(({ pid, holders }) => [pid, ...holders].includes(process.pid))
  })
  await pause(stopped)
  return { port, stopped }
}

/**
 * Sends requests, each on its own connection, until `length` of them wait, as counted by `waiting`.
 * Returns what becomes of all of them.
 */
export async function fillQueue(
  port: number,
  length: number,
  waiting: () => Promise<number>,
): Promise<Promise<string>[]> {
  const requests: Promise<string>[] = []
  await until(async () => {
    const missing = length - (await waiting())
    for (let i = 0; i < missing; i++) requests.push(ask(port))
    return missing <= 0
  })
  return requests
}

/** The same at one member. */
export function fillQueueOf(
  port: number,
  member: Fixture,
  length: number,
): Promise<Promise<string>[]> {
  return fillQueue(port, length, async () => (await peerOf(port, member)).queue.length)
}

/** Stops programs with SIGSTOP, and waits until they are stopped. */
export async function pause(...programs: readonly Fixture[]): Promise<void> {
  for (const { pid } of programs) process.kill(pid, 'SIGSTOP')
  await until(() => programs.every(isPaused))
}

export function isPaused(program: Fixture): boolean {
  return statesOf(program).every((state) => state === 'T')
}

/** Whether a program has ended with all of its threads, but this process has not waited for it. */
export function isZombie({ pid }: Fixture): boolean {
  // The number of threads, not their list: a read of the list while one of them ends may miss the others.
  const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1')
  return /^State:\tZ/m.test(status) && /^Threads:\t1$/m.test(status)
}

function statesOf({ pid }: Fixture): string[] {
  const threads = fs.readdirSync(`/proc/${pid}/task`)
  return threads.map((thread) => stateOf(`/proc/${pid}/task/${thread}/stat`)).filter(Boolean)
}

/** The state's letter, as in proc(5); empty for a thread that has ended meanwhile. */
function stateOf(file: string): string {
  try {
    const text = fs.readFileSync(file, 'latin1')
    return text.charAt(text.lastIndexOf(')') + 2)
  } catch {
    return ''
  }
}

export function wake(...programs: readonly Fixture[]): void {
  for (const { pid } of programs) process.kill(pid, 'SIGCONT')
}

/** Kills programs at the same moment, and waits until they are gone. */
export async function kill(...programs: readonly Fixture[]): Promise<void> {
  await Promise.all(programs.map((program) => program.end('SIGKILL')))
}

/** Asserts that programs run and have printed nothing. */
export function assertHealthy(members: readonly Fixture[]): void {
  for (const { running, output } of members) {
    assert.equal(output, '')
    assert.equal(running, true)
  }
}

/** Asserts that each request was answered, by one of these programs. */
export async function assertAnsweredBy(
  members: readonly Fixture[],
  requests: readonly Promise<string>[],
): Promise<void> {
  const answers = tally(await Promise.all(requests))
  for (const { pid } of members) delete answers[pid]
  assert.deepEqual(answers, {})
}

export function temporaryFile(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  return path.join(folder, 'counts')
}

/** What a member has noted about its connections. */
export function countsIn(file: string): { accepted: number; open: number } {
  const bytes = fs.readFileSync(file)
  const accepted = bytes.readInt32LE(0)
  return { accepted, open: accepted - bytes.readInt32LE(4) }
}

/** Of the members that present themselves, the one that serves an orphan before all others. */
export function adopterOf(
  inode: number,
  names: readonly MemberName[],
  members: readonly Fixture[],
): Fixture {
  const servers = names.map(({ id, pid }) => ({ id, pid, weight: 1 }))
  const adopter = servers.find((server) =>
    isAdopter(inode, [server, ...servers.filter((other) => other !== server)]),
  )
  const found = members.find(({ pid }) => pid === adopter?.pid)
  assert.ok(found)
  return found
}
