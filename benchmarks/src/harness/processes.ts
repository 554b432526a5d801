import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { sum } from 'simple-statistics'
import type { RunningSide } from '../sides/side.js'

/** How long a process may take to end, or to settle after its start, in milliseconds. */
const patience = 30_000

/** The unit of times in proc_pid_stat(5): 100 on every Linux, whatever the kernel's timer frequency. */
const ticksPerSecond = 100

/** Whether the system reports what processes use; see proc(5). */
export const canReadProcesses = process.platform === 'linux'

/** Every process of a side: those that answer, the others, and all that these have started. */
export function processesOf({ workers, others }: RunningSide): number[] {
  const all = new Set([...workers, ...others])
  // A set may grow during iteration; the iteration then includes what was added.
  for (const pid of all) for (const child of childrenOf(pid)) all.add(child)
  return [...all]
}

export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  )
}

/** How often to check whether a process is gone, in milliseconds. */
const interval = 5

/** Waits until a process that is not a child of this one has ended. */
export async function untilGone(pid: number): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  while (isThere(pid)) {
    if (deadline.aborted) throw new Error(`process ${pid} is still there after ${patience} ms`)
    await delay(interval)
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
    throw error
  }
}

/** The processor time that these processes have used so far, in user space and in the kernel. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return sum(pids.map((pid) => exactSecondsOf(pid) ?? ticksOf(pid) / ticksPerSecond))
}

/** How much of a core these processes use over some seconds, in percent. */
export async function percentOfCore(pids: readonly number[], seconds: number): Promise<number> {
  const began = performance.now()
  const before = cpuSecondsOf(pids)
  await delay(1000 * seconds)
  const used = cpuSecondsOf(pids) - before
  return (100 * used) / ((performance.now() - began) / 1000)
}

/** All idle processes of a side together use less than this, in percent of a core. */
const calm = 10

/** Over how long that is measured, in seconds. */
const calmInterval = 0.1

/**
 * Waits until processes have finished what their start left to do: loading modules late, members
 * meeting each other.
 *
 * @throws Error if they do not come to rest within half a minute
 */
export async function untilCalm(pids: readonly number[]): Promise<void> {
  const deadline = AbortSignal.timeout(patience)
  while ((await percentOfCore(pids, calmInterval)) > calm) {
    if (deadline.aborted) {
      throw new Error(
        `processes without clients still work after ${patience} ms: ${pids.join(', ')}`,
      )
    }
  }
}

/**
 * To the nanosecond, where the kernel counts that exactly: an idle process uses less than a tick within
 * seconds. Threads that have ended are missing, but none of ours ends before its process.
 */
function exactSecondsOf(pid: number): number | null {
  const folder = `/proc/${pid}/task`
  try {
    const nanoseconds = readdirSync(folder).map((thread) =>
      Number.parseInt(readFileSync(`${folder}/${thread}/schedstat`, 'utf8'), 10),
    )
    const all = sum(nanoseconds)
    // A kernel that could count but does not reports 0 for every thread.
    return all > 0 ? all / 1e9 : null
  } catch (error) {
    // A kernel that cannot count has no such file.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is a name in parentheses, which may contain spaces; fields 14 and 15 are needed.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** The memory of a process, in MiB. */
export interface Memory {
  /** All of it, as `ps` and `top` show. */
  resident: number
  /** With only its part of the memory that it shares with other processes, such as Node's own code. */
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
