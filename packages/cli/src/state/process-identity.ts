import fs from 'node:fs'
import { readProc } from './process-tree.js'

/** Identifies one process, and no later one with the same pid. */
export interface ProcessIdentity {
  pid: number
  /** When it was started, in clock ticks since the system started: field 22 of /proc/PID/stat; proc(5). */
  startTime: number
}

/** `null` if there is no such process, or it has ended and nobody has waited for it. */
export function identify(pid: number): ProcessIdentity | null {
  const fields = statOf(pid)
  const [state] = fields
  // Counted from the third field, the state.
  const startTime = Number(fields[19])
  if (state === undefined || 'ZXx'.includes(state) || !Number.isSafeInteger(startTime)) return null
  return { pid, startTime }
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime
}

/**
 * The fields of /proc/PID/stat after the name of the program, which may contain spaces and brackets: from the
 * third on. None if the process has ended.
 */
export function statOf(pid: number): string[] {
  const stat = readProc(`/proc/${pid}/stat`)
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ')
}

/** Tells this boot of the system from others: after each, pids and start times begin again. */
export function bootId(): string {
  return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}
