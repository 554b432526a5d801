import fs from 'node:fs'

/**
 * A process and its descendants: for a program under the launcher, the launcher, its supervisor, the program
 * and its children. Only the process itself if the kernel does not list children; proc(5).
 */
export function processTree(pid: number): number[] {
  const found = new Set([pid])
  // A set may grow during iteration, which visits what was added too.
  for (const one of found) for (const child of childrenOf(one)) found.add(child)
  return [...found]
}

/** How many parents are followed: if pids are reused meanwhile, they may form a loop. */
const mostParents = 64

/** Whether a process descends from another. */
export function descendsFrom(pid: number, ancestor: number): boolean {
  let one = pid
  for (let count = 0; one > 1 && count < mostParents; count++) {
    one = parentOf(one)
    if (one === ancestor) return true
  }
  return false
}

/** The threads of a process, as folders in /proc. */
export function threadsOf(pid: number): string[] {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`)
  } catch {
    return [] // It has ended.
  }
}

/** The content of a file in /proc; `''` if its process has ended, or the kernel does not have the file. */
export function readProc(file: string): string {
  try {
    return fs.readFileSync(file, 'latin1')
  } catch {
    return ''
  }
}

/** 0 if it has ended. */
function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`))?.[1] ?? 0)
}

function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((thread) =>
    readProc(`${thread}/children`).split(' ').filter(Boolean).map(Number),
  )
}
