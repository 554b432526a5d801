import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Skip } from '../skip.js'

interface Requests {
  /** The first requests, after which each one is like the next. */
  first: number
  /** The requests whose instructions are counted. */
  more: number
}

/** Something that runs a program and counts its instructions, excluding those of the kernel. */
export interface Counter {
  /** Such as `perf stat, instructions:u`. */
  name: string
  /** The command that runs the program's own command and writes the count to a file. */
  command(file: string, command: readonly string[]): string[]
  /** How many requests a steady count takes, and how many more there is time for. */
  requests: Requests
  /** Reads the count from the text of the file, which is there when the program has ended. */
  read(text: string): number
}

const event = 'instructions:u'

/** Reads the processor's own counter, which a virtual machine may hide. */
export const perf: Counter = {
  name: 'perf stat, instructions:u',
  requests: { first: 500, more: 1500 },
  command: (file, command) => ['perf', 'stat', '-x,', '-e', event, '-o', file, '--', ...command],
  read: (text) => numberIn(text, /^(\d+),,instructions:u/m),
}

/** Runs the program on a simulated processor: works everywhere, but is 50 times slower. */
export const callgrind: Counter = {
  name: 'valgrind --tool=callgrind',
  requests: { first: 300, more: 700 },
  command: (file, command) => [
    ...['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', `--log-file=${file}`],
    ...['--smc-check=all-non-file', ...command],
  ],
  read: (text) => numberIn(text, /Collected : (\d+)/),
}

/**
 * Finds the fastest counter that works on this machine.
 *
 * @param patient whether the measurement may take half an hour
 * @throws Skip if there is none
 */
export async function findCounter(patient: boolean): Promise<Counter> {
  if (await works(perf)) return perf
  if (!(await works(callgrind))) {
    throw new Skip('perf counts no instructions on this machine, and valgrind is not installed')
  }
  if (patient) return callgrind
  throw new Skip(
    'perf counts no instructions on this machine; --full does it with valgrind, slowly',
  )
}

/** Runs a command under a counter, and resolves with the count. */
export async function counting(
  counter: Counter,
  command: readonly string[],
  run: (command: string[]) => Promise<void>,
): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-count-'))
  try {
    const file = path.join(folder, 'count')
    await run(counter.command(file, command))
    return counter.read(await readFile(file, 'utf8'))
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function works(counter: Counter): Promise<boolean> {
  try {
    await counting(counter, ['true'], async ([file = '', ...args]) => {
      spawnSync(file, args)
    })
    return true
  } catch {
    return false
  }
}

function numberIn(text: string, pattern: RegExp): number {
  const [, digits] = pattern.exec(text) ?? []
  if (digits === undefined) throw new Error(`the count is missing: ${text}`)
  return Number(digits)
}
