import { nodeCommand, type Program } from '../program.js'
import { Programs } from '../programs.js'
import type { RestartingArguments } from '../servers/restarting.js'
import { reuse } from '../sides/reuse.js'
import { reusePort } from '../sides/reuse-port.js'
import { pick } from './pick.js'
import type { RestartingSide, RestartingStart, RunningRestartingSide } from './restarting-side.js'

export const restartingReuse: RestartingSide = {
  side: reuse,
  description: 'server.close(), which leaves the group first; then a new process',
  start: (start) => startProcesses('reuse', start),
}

export const restartingReusePort: RestartingSide = {
  side: reusePort,
  description: 'server.close(); then a new process',
  start: (start) => startProcesses('reusePort', start),
}

/** Processes that no parent manages: each closes its server and ends, and another takes its place. */
async function startProcesses(
  sharing: RestartingArguments['sharing'],
  { node, network, members }: RestartingStart,
): Promise<RunningRestartingSide> {
  const programs = await Programs.start(members, (port) => {
    const argument: RestartingArguments = { sharing, host: network.host, port }
    return network.serverCommand(nodeCommand(node.program, './servers/restarting.js', argument))
  })
  return {
    port: programs.port,
    restart: async (atOnce) => {
      const leavers = pick(programs.all, atOnce)
      const leaves = await Promise.all(leavers.map(end))
      for (const leaver of leavers) programs.delete(leaver)
      await programs.add(leavers.length)
      return { replaced: leavers.length, leaves }
    },
    [Symbol.asyncDispose]: () => programs[Symbol.asyncDispose](),
  }
}

/** @returns how long the program's leave took, as it reported, in milliseconds */
async function end(program: Program): Promise<number> {
  const time = await program.ask<number>('leave')
  const { code, signal } = await program.exit()
  if (code !== 0) throw new Error(`a program that left ended with ${signal ?? `exit ${code}`}`)
  return time
}
