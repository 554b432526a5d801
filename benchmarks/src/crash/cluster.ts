import { untilGone } from '../harness/processes.js'
import { nodeCommand, Program } from '../program.js'
import type { PrimaryArguments } from '../servers/crashing-primary.js'
import { clusterNone, clusterRoundRobin } from '../sides/cluster.js'
import type { CrashingSide, CrashingStart, RunningCrashingSide, Victims } from './crashing-side.js'

const description =
  'the primary forks another worker upon the exit of each that was killed; another primary takes its own place'
const victims: readonly Victims[] = ['a member', 'all members', 'the manager']

export const crashingRoundRobin: CrashingSide = {
  side: clusterRoundRobin,
  description,
  victims,
  start: (start) => startCluster('rr', start),
}

export const crashingNone: CrashingSide = {
  side: clusterNone,
  description,
  victims,
  start: (start) => startCluster('none', start),
}

async function startCluster(
  policy: PrimaryArguments['policy'],
  { node, network, members, folder }: CrashingStart,
): Promise<RunningCrashingSide> {
  const start = async (on: number): Promise<{ primary: Program; port: number }> => {
    const argument: PrimaryArguments = { policy, members, host: network.host, port: on, folder }
    const command = nodeCommand(node.program, './servers/crashing-primary.js', argument)
    const primary = new Program(network.serverCommand(command))
    try {
      return { primary, port: await primary.hear<number>('ready') }
    } catch (error) {
      await primary[Symbol.asyncDispose]()
      throw error
    }
  }
  let { primary, port } = await start(0)
  let killed: readonly number[] = []
  let isWithoutPrimary = false
  return {
    port,
    crash: async (victims) => {
      isWithoutPrimary = victims === 'the manager'
      killed = await primary.ask<number[]>(isWithoutPrimary ? 'members' : 'crash', victims)
      if (isWithoutPrimary) await primary[Symbol.asyncDispose]()
      return killed
    },
    block: async () => {
      const pid = await primary.ask<number>('block')
      killed = [pid]
      return pid
    },
    successors: async () => {
      if (!isWithoutPrimary) {
        for (const _ of killed) await primary.hear<void>('successor')
        return
      }
      // Workers end when they notice that they have no primary, and keep the port until then.
      for (const pid of killed) await untilGone(pid)
      ;({ primary, port } = await start(port))
    },
    [Symbol.asyncDispose]: () => primary[Symbol.asyncDispose](),
  }
}
