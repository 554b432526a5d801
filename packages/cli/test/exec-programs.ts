/** Programs that are started by `reuse exec`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  countAnswers,
  type Fixture,
  type FixtureOptions,
  patience,
  startFixture,
  until,
} from '@reuse/testkit'
import { command, untilPeers } from './programs.js'

/** Starts a program with the command; does not wait. */
export function startExec(
  t: TestContext,
  options: readonly (string | number)[],
  program: readonly (string | number)[],
  fixture: FixtureOptions = {},
): Fixture {
  const words = [process.execPath, command, 'exec', ...options, '--', ...program].map(String)
  return startFixture(t, words, fixture)
}

/** The native program, as it is built here or as it is published; undefined where there is none. */
export const launcherFile = ['native/build', `prebuilds/linux-${process.arch}`]
  .map((place) => fileURLToPath(new URL(`../../${place}/reuse-exec`, import.meta.url)))
  .find((file) => fs.existsSync(file))

/** What a kernel, or a container, can refuse: see the fixture. */
export type Refused = 'seccomp' | 'pidfd_getfd' | 'killable'

/** The command line that runs a program where some of this is refused. */
export function refusing(what: readonly Refused[], program: readonly string[]): string[] {
  const file = fileURLToPath(new URL('../../test/fixtures/refusing.py', import.meta.url))
  return ['python3', file, ...what, '--', ...program]
}

/** Waits until a port has this many listeners. */
export async function untilListeners(port: number, count: number): Promise<void> {
  await untilPeers(port, ({ length }) => length === count)
}

/** Connects, sends nothing, and waits in the queue. */
export async function connectTo(t: TestContext, port: number, host?: string): Promise<net.Socket> {
  const socket = net.connect(port, host ?? '127.0.0.1')
  t.after(() => socket.destroy())
  await once(socket, 'connect')
  socket.on('error', () => {}) // What becomes of it does not matter here.
  return socket
}

/** A Python program in one text; its arguments are in `sys.argv`. */
export function python(text: string, ...args: (string | number)[]): string[] {
  return [
    'python3',
    '-u',
    '-c',
    `import json, os, signal, socket, sys, time\n${text}`,
    ...args.map(String),
  ]
}

/** The beginning of many of these programs: how they report, listen and serve. */
export const listen = `
def say(name, content=None): print(json.dumps({name: content}), flush=True)
def listen(port, host="127.0.0.1", family=socket.AF_INET):
    listener = socket.socket(family)
    listener.bind((host, port))
    listener.listen(64)
    return listener
def serve(listener):
    while True:
        client, _ = listener.accept()
        client.recv(4096)
        body = str(os.getpid()).encode()
        client.sendall(b"HTTP/1.0 200 OK\\r\\ncontent-length: %d\\r\\n\\r\\n%s" % (len(body), body))
        client.close()
`

export interface RunExecOptions {
  input?: string
  env?: NodeJS.ProcessEnv
  refused?: readonly Refused[]
}

/** Runs a program to its end. */
export async function runExec(
  options: readonly (string | number)[],
  program: readonly string[],
  { input = '', env = {}, refused = [] }: RunExecOptions = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const line = [process.execPath, command, 'exec', ...options.map(String), '--', ...program]
  const [file = '', ...words] = refused.length === 0 ? line : refusing(refused, line)
  const child = spawn(file, words, {
    env: { ...process.env, ...env },
    timeout: patience,
  })
  child.stdin.end(input)
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status, stdout, stderr }
}

/** Waits until a process is in a state, as /proc shows it: `T` for one that is stopped. */
export async function untilState(pid: number, state: string): Promise<void> {
  await until(
    () => statusOf(pid, 'State')?.startsWith(state),
    () => `${pid} is ${statusOf(pid, 'State')}, and not ${state}`,
  )
}

/** The processes of this name among a process and its descendants, from the top down. */
export function processesOf(ancestor: number, name: string): number[] {
  const children = fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => statusOf(pid, 'PPid') === String(ancestor))
  const own = statusOf(ancestor, 'Name') === name ? [ancestor] : []
  return [...own, ...children.flatMap((child) => processesOf(child, name))]
}

function statusOf(pid: number, field: string): string | undefined {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1')
    return new RegExp(`^${field}:\\s+(.*)$`, 'm').exec(status)?.[1]
  } catch {
    return undefined // It has ended.
  }
}

/** A Python program that serves on the port that it is given. */
export const server = `${listen}
listener = listen(int(sys.argv[1]))
say("ready", os.getpid())
serve(listener)`

/** Whether any program presents itself as a member of the group of an address and port. */
export function hasMember(address: string, port: number): boolean {
  const names = fs.readFileSync('/proc/net/unix', 'latin1')
  return names.includes(`@reuse/1/tcp/${address}/dual/${port}/`)
}

/** Waits until at least this many connections wait at a port. */
export async function untilQueued(port: number, count: number): Promise<void> {
  await untilPeers(port, (group) => {
    return group.reduce((sum, { queue }) => sum + queue.length, 0) >= count
  })
}

/** Waits until connections from one address are answered as they should be. */
export async function untilAnswers(
  port: number,
  isRight: (counts: Map<string, number>) => boolean,
): Promise<void> {
  let counts = new Map<string, number>()
  await until(
    async () => {
      counts = await countAnswers({ port }, 200)
      return isRight(counts)
    },
    () => JSON.stringify([...counts]),
  )
}
