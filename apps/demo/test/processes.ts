import { existsSync, readFileSync } from 'node:fs'
import { until } from '@reuse/testkit'

/** Waits until none of these processes runs. */
export async function allGone(pids: number[]): Promise<void> {
  await until(() => !pids.some(isRunning))
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  return !isZombie(pid)
}

/** An orphaned process that has ended stays in the list until the first process waits for it. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && /\) Z /.test(readFileSync(file, 'utf8'))
}

/** The processes that a process started and that still are its children. Linux only. */
export function childrenOf(pid: number): number[] {
  const list = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return list.split(' ').filter(Boolean).map(Number)
}

export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)])
}
