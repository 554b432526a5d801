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
  return nearestOf(parentOf(pid), new Map([[ancestor, true]])) ?? false
}

/**
 * What belongs to a process or, if nothing does, to its nearest ancestor to which something belongs.
 *
 * @param belongings by pid
 * @param parents the parents of processes that were read a moment ago: those that are read now are added
 */
export function nearestOf<T>(
  pid: number,
  belongings: ReadonlyMap<number, T>,
  parents = new Map<number, number>(),
): T | undefined {
  let one = pid
  for (let count = 0; one > 1 && count < mostParents; count++) {
    const found = belongings.get(one)
    if (found !== undefined) return found
    const parent = parents.get(one) ?? parentOf(one)
    parents.set(one, parent)
    one = parent
  }
  return undefined
}

/** The inodes of the sockets that a process has open; none if it cannot be inspected. */
export function socketsOf(pid: number): Set<number> {
  const folder = `/proc/${pid}/fd`
  const inodes = new Set<number>()
  try {
    for (const name of fs.readdirSync(folder)) {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(targetOf(`${folder}/${name}`)) ?? []
      if (inode !== undefined) inodes.add(Number(inode))
    }
  } catch {
    // It has ended, or belongs to another user.
  }
  return inodes
}

/** `''` if the link has just been removed. */
function targetOf(link: string): string {
  try {
    return fs.readlinkSync(link)
  } catch {
    return ''
  }
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
