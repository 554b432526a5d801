/** The primary of a cluster whose workers are replaced: node restarting-primary.js '{ "members": 4, … }'. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { argument, onCommand, say } from '../program-side.js'
import { pick } from '../restart/pick.js'
import type { Replacement } from '../restart/restarting-side.js'
import type { RestartingArguments } from './restarting.js'

export interface PrimaryArguments {
  policy: 'rr' | 'none'
  members: number
  host: string
}

const { policy, members, host } = argument<PrimaryArguments>()

cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE
// Always port 0, which becomes the same port for all workers of a primary.
const worker: RestartingArguments = { sharing: 'cluster', host, port: 0 }
cluster.setupPrimary({
  exec: fileURLToPath(new URL('./restarting.js', import.meta.url)),
  args: [JSON.stringify(worker)],
})
// This measures how workers are replaced, not how they break.
cluster.on('exit', ({ process: { pid } }, code, signal) => {
  if (code === 0) return
  console.error(`worker ${pid} ended: ${signal ?? code}`)
  process.exit(1)
})

async function fork(): Promise<number> {
  const [address] = await once(cluster.fork(), 'listening')
  return address.port
}

/** @returns how long the worker's leave took, as it reported, in milliseconds */
async function end(worker: Worker): Promise<number> {
  const over = Promise.all([once(worker, 'exit'), once(worker, 'disconnect')])
  let time: number | undefined
  worker.once('message', ({ leave }) => {
    time = leave
  })
  // As Node's manual shows: disconnect() alone waits for connections, and may do so forever.
  worker.send({ leave: null })
  worker.disconnect()
  await over
  if (time === undefined) throw new Error('a worker left and did not say how long it took')
  return time
}

const [port] = await Promise.all(Array.from({ length: members }, fork))
say('ready', port)

onCommand({
  restart: async (atOnce: number) => {
    const leavers = pick(Object.values(cluster.workers ?? {}), atOnce)
    const leaves = await Promise.all(leavers.flatMap((worker) => (worker ? [end(worker)] : [])))
    await Promise.all(leavers.map(fork))
    say('restart', { replaced: leavers.length, leaves } satisfies Replacement)
  },
})
