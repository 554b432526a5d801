import { nodeCommand, Program } from '../program.js'
import type { PrimaryArguments } from '../servers/restarting-primary.js'
import { clusterRoundRobin } from '../sides/cluster.js'
import type { Replacement, RestartingSide } from './restarting-side.js'

export const restartingCluster: RestartingSide = {
  side: clusterRoundRobin,
  description: 'worker.disconnect(), upon which the worker closes its server; then fork()',
  start: async ({ node, network, members }) => {
    const argument: PrimaryArguments = { members, host: network.host }
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
  },
}
