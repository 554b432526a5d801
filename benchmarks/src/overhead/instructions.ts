import type { Framework } from '../apps/index.js'
import { nodeCommand, Program } from '../program.js'
import { type Counter, counting } from './counter.js'
import { sendRequests } from './requests.js'
import type { ServerArguments, ServerReady } from './server.js'

/**
 * What makes a count repeatable. What V8 compiles, and when, depends on time and chance: so nothing
 * is compiled, and nothing happens on other threads. And what is born is collected often and in
 * small parts, but all that lives is never gone through: that would fall into the count of one side
 * and not into that of the other.
 */
export const nodeFlags = [
  // Not --jitless, which takes WebAssembly away, with which Node 22 starts when http is imported.
  ...['--no-opt', '--no-maglev', '--no-sparkplug', '--regexp-interpret-all'],
  ...['--single-threaded', '--predictable'],
  ...['--min-semi-space-size=1', '--max-semi-space-size=1', '--initial-old-space-size=512'],
]

export interface InstructionSettings {
  node: string
  counter: Counter
  /** Where hashes begin. One number for both sides of a round, and another for the next round. */
  seed: number
}

interface ServerSide {
  framework: Framework
  shared: boolean
}

/**
 * The instructions of one request: two programs are counted from their start to their end, one of
 * which gets more requests than the other, and their difference is the work of these.
 */
export async function instructionsPerRequest(
  side: ServerSide,
  settings: InstructionSettings,
): Promise<number> {
  const { first, more } = settings.counter.requests
  const all = await countProgram(side, settings, first + more)
  return (all - (await countProgram(side, settings, first))) / more
}

/** The instructions of a program from its start to its end, with so many requests between. */
export function countProgram(
  side: ServerSide,
  { node, counter, seed }: InstructionSettings,
  requests: number,
): Promise<number> {
  const flags = [...nodeFlags, `--hash-seed=${seed}`, `--random-seed=${seed}`]
  const argument: ServerArguments = { ...side, port: 0 }
  const [program = '', ...rest] = nodeCommand(node, './overhead/server.js', argument)
  return counting(counter, [program, ...flags, ...rest], (command) => serve(command, requests))
}

async function serve(command: string[], requests: number): Promise<void> {
  await using server = new Program(command)
  const { port } = await server.hear<ServerReady>('ready')
  try {
    await sendRequests(port, requests)
  } finally {
    // What counts is not the server itself: it must end, and may not be ended.
    await server.ask('end')
  }
  const { code, signal } = await server.exit()
  if (code !== 0) throw new Error(`a server ended with ${signal ?? `exit ${code}`}`)
}
