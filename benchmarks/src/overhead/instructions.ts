import type { Framework } from '../apps/index.js'
import { nodeCommand, Program } from '../program.js'
import { type Counter, counting } from './counter.js'
import { sendRequests } from './requests.js'
import type { ServerArguments, ServerReady } from './server.js'

/**
 * These make a count repeatable. What V8 compiles, and when, depends on time and chance: so nothing is
 * compiled, and nothing happens on other threads. And new objects are collected often and in small
 * parts, but the whole heap is never traversed: that would fall into the count of one side and not
 * into that of the other.
 */
export const nodeFlags = [
  // Not --jitless: it removes WebAssembly, which Node 22 needs as soon as http is imported.
  ...['--no-opt', '--no-maglev', '--no-sparkplug', '--regexp-interpret-all'],
  ...['--single-threaded', '--predictable'],
  ...['--min-semi-space-size=1', '--max-semi-space-size=1', '--initial-old-space-size=512'],
]

export interface InstructionSettings {
  node: string
  counter: Counter
  /** The seed of hashes: one number for both sides of a round, and another for the next round. */
  seed: number
}

interface ServerSide {
  framework: Framework
  shared: boolean
}

/**
 * The instructions of one request: two programs are counted from start to end, one of which gets more
 * requests than the other; the difference is what the additional requests took.
 */
export async function instructionsPerRequest(
  side: ServerSide,
  settings: InstructionSettings,
): Promise<number> {
  const { first, more } = settings.counter.requests
  const all = await countProgram(side, settings, first + more)
  return (all - (await countProgram(side, settings, first))) / more
}

/** The instructions of a program from its start to its end, with this many requests in between. */
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

/** How long a program may take to listen, in milliseconds: valgrind makes it slow, and a busy machine slower. */
const slowPatience = 120_000

async function serve(command: string[], requests: number): Promise<void> {
  await using server = new Program(command)
  const { port } = await server.hear<ServerReady>('ready', slowPatience)
  try {
    await sendRequests(port, requests)
  } finally {
    // Another program counts, so the server must end by itself, and must not be killed.
    await server.ask('end')
  }
  const { code, signal } = await server.exit()
  if (code !== 0) throw new Error(`a server ended with ${signal ?? `exit ${code}`}`)
}
