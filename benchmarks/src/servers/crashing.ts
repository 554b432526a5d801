/**
 * A program that is killed under load: node crashing.js '{ "host": …, "port": …, … }'. It records
 * which clients it has accepted.
 */
import http from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import type { ReuseOptions } from '@reuse/core'
import { backlog } from '../apps/app.js'
import { recordAccepted } from '../crash/accepted.js'
import { sayIn, signals } from '../crash/sayings.js'
import { argument, onCommand, say } from '../program-side.js'

export interface CrashingArguments {
  host: string
  port: number
  /** Where it records which clients it has accepted, and what it does. */
  folder: string
  /** With these options, it shares its port through @reuse. */
  reuse?: ReuseOptions
  /** Whether it shares its port through Node's own option, available from 22.12. */
  reusePort?: boolean
}

/** Longer than any blocked member lives, in milliseconds. */
const blockTime = 30_000

const { host, port, folder, reuse, reusePort = false } = argument<CrashingArguments>()
const server = http.createServer((_, response) => {
  response.end('hello')
})
if (reuse !== undefined) (await import('@reuse/core')).setReuse(server, reuse)
recordAccepted(server, folder)

const listen: ListenOptions & { reusePort: boolean } = { host, port, backlog, reusePort }
server.listen(listen, () => {
  sayIn(folder, 'serves')
  say('ready', (server.address() as AddressInfo).port)
  // PM2 waits for this message; it knows no messages but its own.
  if ('PM2_HOME' in process.env) process.send?.('ready')
})

// From within the program, not from outside: between two turns of the event loop, everything that was
// accepted has also been recorded.
const crash = (): void => {
  process.kill(process.pid, 'SIGKILL')
}
const block = (): void => {
  sayIn(folder, 'blocks')
  say('block', process.pid)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, blockTime)
}
process.once(signals.crash, crash).once(signals.block, block)

onCommand({ crash, block })
