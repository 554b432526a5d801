import fs from 'node:fs'
import { inodesOfName, lockNames } from '../inspect/member-names.js'
import { findHolders, searchNow } from '../inspect/processes.js'
import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure, systemError } from '../lib/errors.js'
import { isOwnUser } from '../lib/own-user.js'
import { native } from '../socket/native.js'

/** A lock that is held until `release`, or until this process or thread ends in any way. */
export interface Lock {
  release(): void
}

/**
 * A change takes a few milliseconds. A process that holds the lock for longer has been stopped in the
 * middle of a change, and looks at the group again when it continues: nobody waits for it.
 */
const patience = 1000

/** How many names are tried: another user can take each of them first, to do harm. */
const names = 4

/**
 * Takes the lock for changing a group's filter. The processes of one network namespace share it,
 * without a file or a server: the holder is the process that has the abstract Unix socket of that name.
 * The kernel frees the name when its holder ends; unix(7).
 *
 * Resolves after a second at the latest: if the lock is not free then, without holding it.
 */
export async function acquireLock(key: string): Promise<Lock> {
  const deadline = performance.now() + patience
  for (;;) {
    const lock = tryLock(key)
    if (lock !== null) return lock
    if (performance.now() >= deadline) return unheld
    // Random, so that processes that wait together do not ask together. Does not keep the process alive.
    await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 4).unref())
  }
}

/** Takes a lock if no process of this user has it. */
export function tryLock(key: string): Lock | null {
  for (const name of lockNames(key, names)) {
    try {
      const socket = native.openEndpoint(name)
      attempt(() => native.keep(socket)) // A thread that is terminated then frees the lock.
      return { release: () => native.close(socket) }
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      if (errorName(failure.errno) !== 'EADDRINUSE') throw systemError(failure)
      if (!isOfAnotherUser(name)) return null
    }
  }
  return unheld // Other users have all of its names.
}

/** Sockets are taken out of a group one at a time: each is passed over by its own filter. */
export function retireLockKey(key: string): string {
  return `${key}/retire`
}

const unheld: Lock = { release: () => {} }

/**
 * The holder of a lock listens under its name; another user may have taken the name and not listen, or
 * not accept the connections of those that ask.
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
    // The queue is full: many processes of this user have asked, or somebody keeps it full on purpose.
    if (code === 'EAGAIN') return !isHeldByThisUser(name)
    // Nobody listens: either the name is free by now, or its holder never listens.
    if (code !== 'ECONNREFUSED') return false
    const again = attempt(() => native.openEndpoint(name))
    if (again !== undefined) native.close(again)
    return again === undefined
  }
}

/** Sockets of names that other users have, by inode: finding that out takes a look at all processes. */
const foreign = new Set<number>()

/** How many of them are remembered at most. */
const mostForeign = 64

/** Looks through the processes that this user may inspect: its own, or all if the user is root. */
function isHeldByThisUser(name: string): boolean {
  const inodes = attempt(() => inodesOfName(name)) ?? []
  if (inodes.length === 0) return true // The name is free by now.
  if (inodes.some((inode) => foreign.has(inode))) return false
  const holders = searchNow(findHolders(new Set(inodes)))
  const others = inodes.filter((inode) => {
    return !holders.get(inode)?.some(({ pid }) => isOfThisUser(pid))
  })
  if (others.length === 0) return true
  if (foreign.size + others.length > mostForeign) foreign.clear()
  for (const inode of others) foreign.add(inode)
  return false
}

function isOfThisUser(pid: number): boolean {
  const uid = attempt(() => fs.statSync(`/proc/${pid}`).uid)
  return uid !== undefined && isOwnUser(uid)
}
