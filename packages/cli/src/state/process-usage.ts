/** What a process and its descendants use: under the launcher, these include the program. */
import { statOf } from './process-identity.js'
import { processTree, readProc } from './process-tree.js'

/** Their resident memory, in bytes; `null` if the process has ended. */
export function memoryOf(pid: number): number | null {
  const own = residentOf(pid)
  if (own === null) return null
  return sum(processTree(pid).map((one) => residentOf(one) ?? 0))
}

function residentOf(pid: number): number | null {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`)) ?? []
  return kibibytes === undefined ? null : Number(kibibytes) * 1024
}

/** The unit of times in /proc, on every Linux: USER_HZ, in ticks per second; proc(5). */
const ticks = 100

/**
 * Their CPU time, and that of the ended children that they have waited for, in milliseconds; `null` if the
 * process has ended.
 */
export function cpuTimeOf(pid: number): number | null {
  if (statOf(pid).length === 0) return null
  return (sum(processTree(pid).map(ticksOf)) * 1000) / ticks
}

/** utime, stime, cutime and cstime: the fields 14 to 17. */
function ticksOf(pid: number): number {
  const times = statOf(pid).slice(11, 15).map(Number)
  return sum(times)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
