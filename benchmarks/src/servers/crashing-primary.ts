/** The primary of a cluster whose workers are killed: node crashing-primary.js '{ "members": 4, … }'. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Victims } from '../crash/crashing-side.js'
import { argument, onCommand, say } from '../program-side.js'
import { pick } from '../restart/pick.js'
import type { CrashingArguments } from './crashing.js'

export interface PrimaryArguments {
  policy: 'rr' | 'none'
  members: number
  host: string
  /** 0 is any. */
  port: number
  folder: string
}

const { policy, members, host, port: wanted, folder } = argument<PrimaryArguments>()

cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE
// Port 0 becomes the same port for all workers of a primary.
const worker: CrashingArguments = { host, port: wanted, folder }
cluster.setupPrimary({
  exec: fileURLToPath(new URL('./crashing.js', import.meta.url)),
  args: [JSON.stringify(worker)],
})
cluster.on('exit', async ({ process: { pid } }, code, signal) => {
  if (signal !== 'SIGKILL') {
    console.error(`worker ${pid} ended: ${signal ?? code}`)
    process.exit(1)
  }
  await fork()
  say('successor')
})

async function fork(): Promise<number> {
  const [address] = await once(cluster.fork(), 'listening')
  return address.port
}

/** A killed worker stays among a cluster's workers until its channel, too, is known to be closed. */
function all(): Worker[] {
  return Object.values(cluster.workers ?? {}).flatMap((worker) =>
    worker?.isConnected() === true ? [worker] : [],
  )
}

function pidsOf(workers: readonly Worker[]): (number | undefined)[] {
  return workers.map((worker) => worker.process.pid)
}

const [port] = await Promise.all(Array.from({ length: members }, fork))
say('ready', port)

onCommand({
  members: () => say('members', pidsOf(all())),
  crash: (victims: Victims) => {
    const chosen = victims === 'a member' ? pick(all(), 1) : all()
    for (const worker of chosen) worker.send({ crash: null })
    say('crash', pidsOf(chosen))
  },
  block: async () => {
    const [worker] = pick(all(), 1)
    if (worker === undefined) throw new Error('nobody is left')
    worker.send({ block: null })
    const blocked = ([message]: { block?: number }[]): boolean => message?.block !== undefined
    while (!blocked(await once(worker, 'message')));
    say('block', worker.process.pid)
  },
})
