import { attempt } from '../lib/attempt.js'

/** By then a member has met the others, unless they are busy; in milliseconds. */
const delay = 200

/** Whoever begins to listen has said who it is by then, in milliseconds. */
const helloTime = 100

/**
 * Looks once who shares a port without @reuse, a while after a member has joined: a socket whose owner is
 * about to say who it is is none of theirs.
 *
 * @param strangers the sockets whose owners are not known, by inode
 * @param tell hears those that stay so; what goes wrong in it is no matter of the program's
 * @returns what takes it back
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
