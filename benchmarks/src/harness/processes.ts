import { readdirSync, readFileSync } from 'node:fs'
import type { RunningSide } from '../sides/side.js'

/** Of proc_pid_stat(5); 100 on every Linux, whatever its own timer does. */
const ticksPerSecond = 100

/** Whether the system tells what processes use; see proc(5). */
export const canReadProcesses = process.platform === 'linux'

/** Every process of a side: those that answer, those beside them, and all that these have started. */
export function processesOf({ workers, others }: RunningSide): number[] {
  const all = new Set([...workers, ...others])
  // A set may grow while it is walked, and what was added is walked too.
  for (const pid of all) for (const child of childrenOf(pid)) all.add(child)
  return [...all]
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )
}

/** The processor time that these processes have used so far, in user space and in the kernel. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / ticksPerSecond
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is a name in brackets, which may have spaces; the 14th and 15th are wanted.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** What a process has in memory, in MiB. */
export interface Memory {
  /** All of it, as `ps` and `top` tell. */
  resident: number
  /** With its part only of what it shares with others, such as Node's own code. */
  proportional: number
}

export function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const field = (name: string): number => {
    const [, kibibytes] = new RegExp(`^${name}: +(\\d+) kB$`, 'm').exec(text) ?? []
    return Number(kibibytes) / 1024
  }
  return { resident: field('Rss'), proportional: field('Pss') }
}
