import { parseArgs } from 'node:util'
import type { Benchmark, Settings } from './harness/benchmark.js'
import { scenarios } from './scenarios/index.js'
import { sides } from './sides/index.js'
import { reuse } from './sides/reuse.js'
import type { Side } from './sides/side.js'

/** The command line, checked. */
export interface CommandLine extends Omit<Settings, 'node'> {
  help: boolean
  scenarios: readonly Benchmark[]
  /** Which Node runs the programs, such as `24`. */
  node?: string
  json?: string
}

export class UsageError extends Error {}

const numbers = ['rounds', 'seconds', 'leaves', 'connections', 'rate'] as const

/** What is counted, and so cannot be a fraction. */
const counts: readonly string[] = ['rounds', 'leaves', 'connections']

/** @throws UsageError that says what is wrong with an argument, and what it may be */
export function readCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parse(args)
  const given: Partial<Record<(typeof numbers)[number], number>> = {}
  for (const name of numbers) {
    const text = values[name]
    if (text !== undefined) given[name] = positive(name, text)
  }
  return {
    help: values.help,
    full: values.full,
    scenarios: findAll('scenario', positionals, scenarios),
    sides: sidesOf(values.peer),
    ...(values.node !== undefined && { node: values.node }),
    ...(values.json !== undefined && { json: values.json }),
    ...given,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean', default: false } as const
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        full: flag,
        peer: { type: 'string', multiple: true, default: [] },
        node: text,
        rounds: text,
        seconds: text,
        leaves: text,
        connections: text,
        rate: text,
        json: text,
        help: flag,
      },
    })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

/** @reuse is always included: the others are compared with it. */
function sidesOf(names: readonly string[]): Side[] {
  const peers = findAll('peer', names, sides)
  return [...sides.values()].filter((side) => side === reuse || peers.includes(side))
}

/** All that have these names; if no name is given, all there are. */
function findAll<T>(kind: string, names: readonly string[], known: ReadonlyMap<string, T>): T[] {
  if (names.length === 0) return [...known.values()]
  return names.map((name) => {
    const found = known.get(name)
    if (found !== undefined) return found
    throw new UsageError(`there is no ${kind} "${name}"; there are ${[...known.keys()].join(', ')}`)
  })
}

function positive(name: string, text: string): number {
  const value = Number(text)
  const isCount = counts.includes(name)
  if (value > 0 && (isCount ? Number.isSafeInteger(value) : Number.isFinite(value))) return value
  throw new UsageError(
    `--${name} must be ${isCount ? 'an integer' : 'a number'} above 0, got "${text}"`,
  )
}

export function usage(): string {
  const list = (known: ReadonlyMap<string, unknown>): string => [...known.keys()].join(', ')
  return `Usage: npm run bench -- [scenario …] [options]
  scenarios       ${list(scenarios)}; default: all
  --peer NAME     what @reuse is compared with; may be repeated; default: all of
                  ${list(sides)}
  --full          every case, in enough rounds for an interval: about two hours;
                  default: a quick run, about half an hour
  --rounds 8      how many turns each side gets
  --seconds 3     how long a turn takes, where it is timed
  --node 24       the Node that runs the programs, from npm
  --json FILE     write a report, with every sample
  --leaves 15     restart and crash: how many programs restart, or are killed, in a turn
  --connections 20000  steering and sticky: how many connections are counted
  --rate 2500     new connections a second, where they come at a fixed rate`
}
