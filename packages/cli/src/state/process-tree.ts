import fs from 'node:fs'

/**
 * A process, and those that it has started, and these: of a program under the launcher, the launcher, its
 * supervisor, the program and its children. Only the process itself where the kernel does not tell; proc(5).
 */
export function processTree(pid: number): number[] {
  const found = new Set([pid])
  // A set may grow while it is walked, and what was added is walked too.
  for (const one of found) for (const child of childrenOf(one)) found.add(child)
  return [...found]
}

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

/** The threads of a process, as it is known by them in /proc. */
export function threadsOf(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return [] // It has ended.
  }
}

/** What stands in a file of /proc; `''` where its process has ended, or the kernel does not tell. */
export function readProc(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/** 0 where it has ended. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`))?.[1] ?? 0)
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    readProc(`${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}
