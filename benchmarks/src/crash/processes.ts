import type { ReuseOptions } from '@reuse/core'
import { nodeCommand, type Program } from '../program.js'
import { Programs } from '../programs.js'
import { pick } from '../restart/pick.js'
import type { CrashingArguments } from '../servers/crashing.js'
import { reuse } from '../sides/reuse.js'
import { reusePort } from '../sides/reuse-port.js'
import { withoutRescue, withoutRescueOptions } from '../sides/without-rescue.js'
import type { CrashingSide, CrashingStart, RunningCrashingSide, Victims } from './crashing-side.js'

const description = 'a new process takes the place of each that was killed'
const victims: readonly Victims[] = ['a member', 'all members']

export const crashingReuse: CrashingSide = {
  side: reuse,
  description,
  victims,
  start: (start) => startProcesses({ reuse: {} }, start),
}

/** With this side, a queue stays at a blocked member. */
export const crashingWithoutRescue: CrashingSide = {
  side: withoutRescue,
  description: `@reuse with that option; ${description}`,
  victims: ['a member'],
  start: (start) => startProcesses({ reuse: withoutRescueOptions }, start),
}

export const crashingReusePort: CrashingSide = {
  side: reusePort,
  description,
  victims,
  start: (start) => startProcesses({ reusePort: true }, start),
}

interface Sharing {
  reuse?: ReuseOptions
  reusePort?: boolean
}

async function startProcesses(
  sharing: Sharing,
  { node, network, members, folder }: CrashingStart,
): Promise<RunningCrashingSide> {
  const programs = await Programs.start(members, (port) => {
    const argument: CrashingArguments = { host: network.host, port, folder, ...sharing }
    return network.serverCommand(nodeCommand(node.program, './servers/crashing.js', argument))
  })
  let killed: readonly Program[] = []
  const choose = (count: number): readonly Program[] => {
    killed = pick(programs.all, count)
    return killed
  }
  return {
    port: programs.port,
    crash: async (victims) => {
      const chosen = choose(victims === 'a member' ? 1 : members)
      for (const program of chosen) program.tell('crash')
      return chosen.map(({ pid }) => pid)
    },
    block: async () => {
      const [program] = choose(1)
      if (program === undefined) throw new Error('nobody is left')
      return program.ask<number>('block')
    },
    successors: async () => {
      for (const program of killed) {
        const { code, signal } = await program.exit()
        if (signal !== 'SIGKILL') throw new Error(`a member ended with ${signal ?? `exit ${code}`}`)
        programs.delete(program)
      }
      await programs.add(killed.length)
    },
    [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose](),
  }
}
