import cluster from 'node:cluster'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { onCommand, say } from '../fixture-side.js'
import type { AdapterHarness, Peer, Queue, ReuseOptions } from './harness.js'
import { start } from './running.js'

/** What a program of the contract is told to do, in its first argument. */
export interface ProgramSettings {
  port: number
  host: string
  /** `null`: it listens without the adapter. */
  options: ReuseOptions | null
  /** How many cluster workers listen, in place of the program itself. */
  workers?: number
}

/** How a program describes its place in the group. */
export interface MemberReport {
  address: AddressInfo
  peers: Peer[]
  queue: Queue
}

/** A program of the contract: an application that answers every request with its pid. */
export async function runProgram<Listener>(harness: AdapterHarness<Listener>): Promise<void> {
  const settings: ProgramSettings = JSON.parse(process.argv[2] ?? '')
  if (settings.workers !== undefined && cluster.isPrimary) {
    onCommand({})
    say('ready', await forkWorkers(settings.workers))
    return
  }

  const { port, host, options } = settings
  const listener = await harness.create(String(process.pid), options)
  const place = { port, host, backlog: 0, path: '' }
  const { port: given, member, close } = await start(harness, listener, place)
  if (cluster.isWorker) {
    process.send?.('ready')
    return
  }

  say('ready', given)
  onCommand({
    member: async () => {
      const peers = await member?.peers()
      say('member', { address: member?.address(), peers, queue: member?.queue() })
    },
    close: async () => {
      await close()
      say('close')
      process.stdin.unref() // From here on only what the application left behind keeps it running.
    },
  })
}

async function forkWorkers(count: number): Promise<number[]> {
  const workers = Array.from({ length: count }, () => cluster.fork())
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  return workers.map((worker) => worker.process.pid ?? 0)
}
