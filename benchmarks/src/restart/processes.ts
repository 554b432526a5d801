import { nodeCommand, Program } from '../program.js'
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

/** Processes that nobody is above: each closes its server and ends, and another takes its place. */
async function startProcesses(
  sharing: RestartingArguments['sharing'],
  { node, network, members }: RestartingStart,
): Promise<RunningRestartingSide> {
  const programs = new Set<Program>()
  const start = async (port: number): Promise<number> => {
    const argument: RestartingArguments = { sharing, host: network.host, port }
    const command = nodeCommand(node.program, './servers/restarting.js', argument)
    const program = new Program(network.serverCommand(command))
    programs.add(program)
    return program.hear<number>('ready')
  }
  const stop = async (): Promise<void> => {
    await Promise.all([...programs].map((program) => program[Symbol.asyncDispose]()))
  }
  try {
    const port = await start(0)
    await Promise.all(Array.from({ length: members - 1 }, () => start(port)))
    return {
      port,
      restart: async (atOnce) => {
        const leavers = pick([...programs], atOnce)
        await Promise.all(leavers.map(end))
        for (const leaver of leavers) programs.delete(leaver)
        await Promise.all(leavers.map(() => start(port)))
        return leavers.length
      },
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

async function end(program: Program): Promise<void> {
  await program.ask('leave')
  const { code, signal } = await program.exit()
  if (code !== 0) throw new Error(`a program that left ended with ${signal ?? `exit ${code}`}`)
}
