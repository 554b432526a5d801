import fs from 'node:fs'

/** Parents in a row; where pids are taken again meanwhile they may go round. */
const mostParents = 64

/** Whether a process was started by another, or by one that this has started. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  let one = pid
  for (let count = 0; one > 1 && count < mostParents; count++) {
    one = parentOf(one)
    if (one === ancestor) return true
  }
  return false
}

function parentOf(pid: number): number {
  try {
    const status = fs.readFileSync(`/proc/${pid}/status`, 'latin1')
    return Number(/^PPid:\s+(\d+)/m.exec(status)?.[1] ?? 0)
  } catch {
    return 0 // It has ended.
  }
}
