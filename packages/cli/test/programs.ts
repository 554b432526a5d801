/** The programs that the tests start, and the command itself. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Peer, peers } from '@reuse/core'
import { type Fixture, needs, patience, startFixture, startNode, until } from '@reuse/testkit'
import type { MemberArguments } from './fixtures/member.js'

/** A user other than their own that the tests become. */
export const otherUser = 1234

const isRoot = process.geteuid?.() === 0
export const needsLinux = needs('linux', 'peers', 'holders')
/** Where the command manages apps, except Windows, whose signals and folders are different. */
export const needsUnix = { skip: process.platform === 'win32' && 'Windows has no SIGTERM' }
export const needsPython = needs('linux', 'peers', 'holders', 'python')
export const needsOtherUser = isRoot ? needsPython : { skip: 'only root can become another user' }

/** The command, as it is published. */
export const command = fileURLToPath(new URL('../bundle/main.js', import.meta.url))

/** Runs a program in its own terminal. */
export const terminalDriver = fileURLToPath(
  new URL('../../test/fixtures/terminal.py', import.meta.url),
)

export interface Result {
  status: number | null
  stdout: string
  stderr: string
}

export interface RunOptions {
  env?: NodeJS.ProcessEnv
  /** The user to become first. */
  uid?: number
}

/** Runs the command to its end. */
export async function reuse(
  args: readonly (string | number)[],
  { env = {}, uid }: RunOptions = {},
): Promise<Result> {
  const become =
    uid === undefined ? [] : ['--import', `data:text/javascript,process.setuid(${uid})`]
  const child = spawn(process.execPath, [...become, command, ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    timeout: patience,
  })
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status, stdout, stderr }
}

/** A socket, as `reuse ls --json` lists it. */
export interface ListedSocket {
  protocol: string
  address: string
  port: number
  pid: number | null
  program: string | null
  uid: number
  user: string
  member: boolean
  weight: number | null
  policy: string | null
  queue: { length: number; limit: number }
  orphan: boolean
  holders: number[]
  inode: number
}

/** What `reuse ls --json` lists. */
export async function list(...args: (string | number)[]): Promise<ListedSocket[]> {
  const { status, stdout, stderr } = await reuse(['ls', '--json', ...args])
  if (status !== 0) throw new Error(`reuse ls ${args.join(' ')}: ${stderr}`)
  return JSON.parse(stdout)
}

/** Starts a program whose servers share their ports; `port` is the first of these. */
export async function startMember(
  t: TestContext,
  member: MemberArguments = {},
): Promise<{ program: Fixture; port: number; ports: number[] }> {
  const program = startNode(t, new URL('./fixtures/member.js', import.meta.url), {
    args: [JSON.stringify(member)],
  })
  const ports = await program.hear<number[]>('ready')
  return { program, ports, port: ports[0] ?? 0 }
}

/** Starts members on one port, which hold each other's listeners. */
export async function startGroup(
  t: TestContext,
  ...members: MemberArguments[]
): Promise<{ programs: Fixture[]; port: number }> {
  const [first, ...others] = members
  const { program, port } = await startMember(t, first)
  const more = await Promise.all(others.map((one) => startMember(t, { ...one, ports: [port] })))
  const programs = [program, ...more.map((one) => one.program)]
  await untilPeers(port, (group) =>
    group.every(({ holders }) => holders.length === programs.length - 1),
  )
  return { programs, port }
}

/** Starts Python servers without @reuse. */
export async function startStranger(
  t: TestContext,
  count = 1,
  ...more: string[]
): Promise<{ program: Fixture; port: number; ports: number[] }> {
  const file = fileURLToPath(new URL('../../test/fixtures/stranger.py', import.meta.url))
  const program = startFixture(t, ['python3', file, String(count), ...more])
  const ports = await program.hear<number[]>('ready')
  return { program, ports, port: ports[0] ?? 0 }
}

/** Starts a program with a UDP socket. */
export async function startDatagramMember(
  t: TestContext,
): Promise<{ program: Fixture; port: number }> {
  const program = startNode(t, new URL('./fixtures/datagram-member.js', import.meta.url))
  const [port = 0] = await program.hear<number[]>('ready')
  return { program, port }
}

/** Waits until a port is as it should be. */
export async function untilPeers(port: number, isRight: (group: Peer[]) => boolean): Promise<void> {
  let group: Peer[] = []
  await until(
    async () => {
      group = await peers(port)
      return isRight(group)
    },
    () => `port ${port} is so: ${JSON.stringify(group)}`,
  )
}

/** Stops a program with SIGSTOP, and waits until it is stopped. */
export async function pause({ pid }: { pid: number }): Promise<void> {
  process.kill(pid, 'SIGSTOP')
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${pid}/status`, 'latin1')))
}
