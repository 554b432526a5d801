/** The primary of node:cluster: node cluster-primary.js '{ "policy": "rr", "members": 2, … }'. */
import cluster from 'node:cluster'
import { fileURLToPath } from 'node:url'
import type { MemberArguments, MemberReady } from '../apps/member.js'
import { argument, onCommand, say } from '../program-side.js'

export interface PrimaryArguments {
  policy: 'rr' | 'none'
  members: number
  member: MemberArguments
}

const { policy, members, member } = argument<PrimaryArguments>()
const ready: MemberReady[] = []

cluster.schedulingPolicy = policy === 'rr' ? cluster.SCHED_RR : cluster.SCHED_NONE
cluster.setupPrimary({
  exec: fileURLToPath(new URL('../apps/member.js', import.meta.url)),
  args: [JSON.stringify(member)],
})
cluster.on('message', (_, message: { ready?: MemberReady }) => {
  if (message.ready !== undefined) ready.push(message.ready)
  if (ready.length === members) say('ready', ready)
})
// A side that has lost a worker is not what should be measured.
cluster.on('exit', ({ process: { pid } }, code, signal) => {
  console.error(`worker ${pid} ended: ${signal ?? code}`)
  process.exit(1)
})
for (let i = 0; i < members; i++) cluster.fork()
onCommand({})
