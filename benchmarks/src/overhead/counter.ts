import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Skip } from '../skip.js'

interface Requests {
  /** Those after which one is like the other. */
  first: number
  /** Those whose instructions are counted. */
  more: number
}

/** Something that runs a program and counts the instructions it takes, those of the kernel apart. */
export interface Counter {
  /** As `perf stat, instructions:u`. */
  name: string
  /** The program's own command, with a file for the count. */
  command(file: string, command: readonly string[]): string[]
  /** How many requests it takes for a count that is steady, and how many there is time for. */
  requests: Requests
  /** The count, which stands in the file when the program has ended. */
  read(text: string): number
}

const event = 'instructions:u'

/** Counts what the processor says; a virtual machine may hide that. */
export const perf: Counter = {
  name: 'perf stat, instructions:u',
  requests: { first: 500, more: 1500 },
  command: (file, command) => ['perf', 'stat', '-x,', '-e', event, '-o', file, '--', ...command],
  read: (text) => numberIn(text, /^(\d+),,instructions:u/m),
}

/** Runs the program on a processor of its own making: everywhere, and 50 times slower. */
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
 * The quickest that this machine has.
 *
 * @param patient whether it may take half an hour
 * @throws Skip where there is none
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

/** Runs something with a count, and gives the count. */
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
