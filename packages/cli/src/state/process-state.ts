import { readFileSync } from 'node:fs'

/** Whether a process is stopped, as by SIGSTOP or a debugger; proc(5). */
export function isStopped(pid: number): boolean {
  try {
    return /^State:\s+[Tt]/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false // It has ended, or /proc does not show it.
  }
}
