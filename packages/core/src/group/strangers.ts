import { attempt } from '../lib/attempt.js'

/** How long a member takes at most to meet the others, unless they are busy, in milliseconds. */
const delay = 200

/** How long a process that begins to listen takes at most to say who it is, in milliseconds. */
const helloTime = 100

/**
 * Finds out once, a while after a member has joined, who shares a port without @reuse. A socket whose
 * owner is about to say who it is does not count.
 *
 * @param strangers the sockets whose owners are not known, by inode
 * @param tell called with those whose owners stay unknown; its failures do not concern the program
 * @returns a function that cancels this
 */
export function lookForStrangers(
  strangers: () => ReadonlySet<number>,
  tell: (inodes: ReadonlySet<number>) => Promise<void>,
): () => void {
  const look = (): ReadonlySet<number> => attempt(strangers) ?? new Set()
  let timer = setTimeout(() => {
    const before = look()
    timer = setTimeout(() => {
      const now = look()
      tell(new Set([...before].filter((inode) => now.has(inode)))).catch(() => {})
    }, helloTime).unref()
  }, delay).unref()
  return () => clearTimeout(timer)
}
