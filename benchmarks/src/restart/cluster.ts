import { nodeCommand, Program } from '../program.js'
import type { PrimaryArguments } from '../servers/restarting-primary.js'
import { clusterNone, clusterRoundRobin } from '../sides/cluster.js'
import type {
  Replacement,
  RestartingSide,
  RestartingStart,
  RunningRestartingSide,
} from './restarting-side.js'

const description = 'worker.disconnect(), upon which the worker closes its server; then fork()'

export const restartingRoundRobin: RestartingSide = {
  side: clusterRoundRobin,
  description,
  start: (start) => startCluster('rr', start),
}

export const restartingNone: RestartingSide = {
  side: clusterNone,
  description,
  start: (start) => startCluster('none', start),
}

async function startCluster(
  policy: PrimaryArguments['policy'],
  { node, network, members }: RestartingStart,
): Promise<RunningRestartingSide> {
  const argument: PrimaryArguments = { policy, members, host: network.host }
  const command = nodeCommand(node.program, './servers/restarting-primary.js', argument)
  const primary = new Program(network.serverCommand(command))
  try {
    const port = await primary.hear<number>('ready')
    return {
      port,
      restart: (atOnce) => primary.ask<Replacement>('restart', atOnce),
      [Symbol.asyncDispose]: () => primary[Symbol.asyncDispose](),
    }
  } catch (error) {
    await primary[Symbol.asyncDispose]()
    throw error
  }
}
