import { backlog } from '../apps/app.js'
import type { MemberReady } from '../apps/member.js'
import { nodeCommand, Program } from '../program.js'
import type { PrimaryArguments } from './cluster-primary.js'
import type { RunningSide, Side, Start } from './side.js'

export const clusterRoundRobin: Side = {
  name: 'cluster-rr',
  title: 'node:cluster RR',
  description: 'node:cluster as it is: the primary accepts every connection and hands it on',
  unavailable: () => null,
  start: (start) => startCluster('rr', start),
}

export const clusterNone: Side = {
  name: 'cluster-none',
  title: 'node:cluster NONE',
  description: 'node:cluster with SCHED_NONE: the workers accept from one shared listener',
  unavailable: () => null,
  start: (start) => startCluster('none', start),
}

async function startCluster(
  policy: PrimaryArguments['policy'],
  { node, framework, handler, members, network }: Start,
): Promise<RunningSide> {
  const where = { host: network.host, port: 0, backlog }
  const primary: PrimaryArguments = { policy, members, member: { framework, handler, where } }
  const command = nodeCommand(node.program, './sides/cluster-primary.js', primary)
  const program = new Program(network.serverCommand(command))
  try {
    const ready = await program.hear<MemberReady[]>('ready')
    return {
      ports: [...new Set(ready.map(({ port }) => port))],
      workers: ready.map(({ pid }) => pid),
      others: [program.pid],
      [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
    }
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
}
