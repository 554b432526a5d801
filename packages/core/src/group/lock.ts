import fs from 'node:fs'
import { inodeOfName, lockNames } from '../inspect/member-names.js'
import { findHolders, searchNow } from '../inspect/processes.js'
import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure, systemError } from '../lib/errors.js'
import { isOwnUser } from '../lib/own-user.js'
import { native } from '../socket/native.js'

/** Holds the lock until `release`, or until this process or thread ends in whatever way. */
export interface Lock {
  release(): void
}

/**
 * A change is a matter of a few milliseconds. Who holds the lock for longer is stopped in the
 * middle of it, and will look again at the group when it goes on: nobody waits for that.
 */
const patience = 1000

/** So many names are tried: another user can take each of them first, for no good. */
const names = 4

/**
 * Takes the right to change a group's filter. It is shared by processes of one network namespace,
 * without a file or a server: whoever has the abstract Unix socket of that name. The kernel frees
 * the name with its holder; unix(7).
 *
 * After a second it is given without being had.
 */
export async function acquireLock(key: string): Promise<Lock> {
  const deadline = performance.now() + patience
  for (;;) {
    const lock = tryLock(key)
    if (lock !== null) return lock
    if (performance.now() >= deadline) return unheld
    // Uneven, so that those who wait together do not ask together. It holds no process open.
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4).unref())
  }
}

/** Takes a lock if nobody of this user has it. */
export function tryLock(key: string): Lock | null {
  for (const name of lockNames(key, names)) {
    try {
      const socket = native.openEndpoint(name)
      attempt(() => native.keep(socket)) // A thread that is terminated frees it.
      return { release: () => native.close(socket) }
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      if (errorName(failure.errno) !== 'EADDRINUSE') throw systemError(failure)
      if (!isOfAnotherUser(name)) return null
    }
  }
  return unheld // Other users have all of its names.
}

/** Of those who take a socket out of a group one at a time: each is passed over by its own filter. */
export function retireLockKey(key: string): string {
  return `${key}/retire`
}

const unheld: Lock = { release: () => {} }

/**
 * Whoever has a lock listens there; another user may have taken the name and not listen, or not take
 * those who ask out of its queue.
 */
function isOfAnotherUser(name: string): boolean {
  try {
    const socket = native.connectEndpoint(name)
    const peer = attempt(() => native.getPeer(socket))
    native.closeAside(socket)
    return peer !== undefined && !isOwnUser(peer.uid)
  } catch (failure) {
    if (!isSystemFailure(failure)) throw failure
    const code = errorName(failure.errno)
    // The queue is full: many of this user have asked, or it is meant to be.
    if (code === 'EAGAIN') return !isHeldByThisUser(name)
    // Nobody listens: either it is free by now, or nobody ever does.
    if (code !== 'ECONNREFUSED') return false
    const again = attempt(() => native.openEndpoint(name))
    if (again !== undefined) native.close(again)
    return again === undefined
  }
}

/** Sockets of names that are another user's, by inode: to find that out takes a look at all processes. */
const foreign = new Set<number>()

/** So many of them are remembered. */
const mostForeign = 64

/** Looks through the processes that this user may look into: its own, and where it is root, all. */
function isHeldByThisUser(name: string): boolean {
  const inode = attempt(() => inodeOfName(name)) ?? null
  if (inode === null) return true // It is free by now.
  if (foreign.has(inode)) return false
  const holders = searchNow(findHolders(new Set([inode]))).get(inode) ?? []
  if (holders.some(({ pid }) => isOfThisUser(pid))) return true
  if (foreign.size === mostForeign) foreign.clear()
  foreign.add(inode)
  return false
}

function isOfThisUser(pid: number): boolean {
  const uid = attempt(() => fs.statSync(`/proc/${pid}`).uid)
  return uid !== undefined && isOwnUser(uid)
}
