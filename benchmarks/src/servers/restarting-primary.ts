/** The primary of a cluster whose workers are replaced: node restarting-primary.js '{ "members": 4, … }'. */
import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { argument, onCommand, say } from '../program-side.js'
import { pick } from '../restart/pick.js'
import type { RestartingArguments } from './restarting.js'

export interface PrimaryArguments {
  members: number
  host: string
}

const { members, host } = argument<PrimaryArguments>()

cluster.schedulingPolicy = cluster.SCHED_RR
// Always port 0, which is one and the same to all workers of a primary.
const worker: RestartingArguments = { sharing: 'cluster', host, port: 0 }
cluster.setupPrimary({
  exec: fileURLToPath(new URL('./restarting.js', import.meta.url)),
  args: [JSON.stringify(worker)],
})
// What is measured is how workers are replaced, not how they break.
cluster.on('exit', ({ process: { pid } }, code, signal) => {
  if (code === 0) return
  console.error(`worker ${pid} ended: ${signal ?? code}`)
  process.exit(1)
})

async function fork(): Promise<number> {
  const [address] = await once(cluster.fork(), 'listening')
  return address.port
}

async function end(worker: Worker): Promise<void> {
  const exit = once(worker, 'exit')
  worker.disconnect()
  await exit
}

const [port] = await Promise.all(Array.from({ length: members }, fork))
say('ready', port)

onCommand({
  restart: async (atOnce: number) => {
    const leavers = pick(Object.values(cluster.workers ?? {}), atOnce)
    await Promise.all(leavers.map((worker) => worker && end(worker)))
    await Promise.all(leavers.map(fork))
    say('restart', leavers.length)
  },
})
