import { Load, type LoadReport, type LoadSettings } from '../load/load.js'
import type { Network } from '../network/network.js'
import { nodeCommand, Program } from '../program.js'
import type { RestartingArguments } from '../servers/restarting.js'

/** What closes the servers: Node with its own `reusePort`, or @reuse. */
export type Side = 'plain' | 'reuse'

/** How a program left. Times are in milliseconds, from the call of `server.close()`. */
export interface Leave {
  /** When it began, by Date.now(). */
  at: number
  /** Until the server stopped listening. */
  left: number
  /** Until it was closed, with its connections. */
  closed: number
  /** Whether the program cut off connections that did not end. */
  cut: boolean
  /** What @reuse says of it. */
  report?: { lossless: boolean; drained: number; waited: number; reason?: string }
}

export interface Storm {
  side: Side
  leaves: Leave[]
  load: LoadReport
}

export interface StormSettings {
  node: string
  network: Network
  load: LoadSettings
  leaves: number
}

/** So many programs share the port. */
const size = 4

/** Every so many steps, two programs leave at once. */
const twoEvery = 4

/**
 * Restarts programs of a group under load: one closes its server and ends, a new one takes its
 * place, and so on; now and then two at once.
 */
export async function restartStorm(side: Side, settings: StormSettings): Promise<Storm> {
  const { node, network } = settings
  const programs = new Set<Program>()
  const start = async (port: number): Promise<number> => {
    const argument: RestartingArguments = { side, host: network.host, port }
    const command = nodeCommand(node, './servers/restarting.js', argument)
    const program = new Program(network.serverCommand(command))
    programs.add(program)
    return program.hear<number>('ready')
  }
  try {
    const port = await start(0)
    await Promise.all(Array.from({ length: size - 1 }, () => start(port)))
    await using load = await Load.start(node, network, port, settings.load)

    const leaves: Leave[] = []
    for (let step = 1; leaves.length < settings.leaves; step++) {
      const atOnce = step % twoEvery === 0 ? Math.min(2, settings.leaves - leaves.length) : 1
      const leavers = pick([...programs], atOnce)
      leaves.push(...(await Promise.all(leavers.map(leave))))
      for (const leaver of leavers) programs.delete(leaver)
      await Promise.all(leavers.map(() => start(port)))
    }
    return { side, leaves, load: await load.stop() }
  } finally {
    await Promise.all([...programs].map((program) => program[Symbol.asyncDispose]()))
  }
}

async function leave(program: Program): Promise<Leave> {
  const told = await program.ask<Leave>('leave')
  const { code, signal } = await program.exit()
  if (code !== 0) throw new Error(`a program that left ended with ${signal ?? `exit ${code}`}`)
  return told
}

/** Some of a list, by chance: those at the end of a group are not like those in its middle. */
function pick<T>(list: readonly T[], count: number): T[] {
  const rest = [...list]
  return Array.from({ length: count }, () =>
    rest.splice(Math.floor(Math.random() * rest.length), 1),
  ).flat()
}
