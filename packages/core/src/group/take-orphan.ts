import { type GroupPlace, groupKey, listMembers, type MemberName } from '../inspect/member-names.js'
import { isSameProgram } from '../inspect/same-program.js'
import { attempt } from '../lib/attempt.js'
import { native, type Protocol } from '../socket/native.js'
import { Connection } from './connection.js'
import { isOfGroup, listGroup } from './group.js'
import { handOverNow } from './hand-over.js'
import { isLocal, localMembers } from './local-members.js'
import { tryLock } from './lock.js'

/** How long one holder may take to answer, in milliseconds: its event loop, or the machine, may be busy. */
const patience = 150

/** How many holders may give none before a new listener is bound: as a rule each holds all orphans. */
const mostInVain = 3

/** What a process that is about to listen finds. */
export interface Found {
  /** A duplicate of a listener whose member is gone; `null` if there is none. */
  orphan: number | null
  /** How many sockets the group has; `null` where nobody is there, or the system does not tell. */
  size: number | null
}

/**
 * Takes a listener whose member is gone. Listening is synchronous, so this blocks the event loop while
 * it waits for an answer: a millisecond, or `patience` for a holder that is busy. If nobody presents
 * itself as a member, or every socket has its member, nobody is asked.
 *
 * @param only whether it may come from the same program only
 */
export function takeOrphan(protocol: Protocol, place: GroupPlace, only: boolean): Found {
  handOverNow() // A member that has left in this turn has left what is to be taken.
  const key = groupKey(protocol, place)
  const named = attempt(() => listMembers(key)) ?? []
  if (named.length === 0) return { orphan: null, size: null }
  const sockets = attempt(() => listGroup(protocol, place).map(({ inode }) => inode))
  const size = sockets?.length ?? null
  const connections = connectToAll(key, named)
  try {
    const owned = new Set([...connections.keys()].map(({ inode }) => inode))
    if (sockets?.every((inode) => owned.has(inode))) return { orphan: null, size }
    return { orphan: takeLocal(key) ?? askHolders(key, connections, only), size }
  } finally {
    for (const connection of connections.values()) connection?.close()
  }
}

/**
 * Those of the names that members of this user have: any local user may take such a name. A member
 * of this thread needs no connection.
 */
function connectToAll(
  key: string,
  named: readonly MemberName[],
): ReadonlyMap<MemberName, Connection | null> {
  // All ask in the same order, so that one holder knows of all that ask.
  const ordered = [...named].sort((a, b) => (a.id < b.id ? -1 : 1))
  const found = new Map<MemberName, Connection | null>()
  for (const member of ordered) {
    const connection = isLocal(key, member.id) ? null : Connection.to(member.name)
    if (typeof connection !== 'string') found.set(member, connection)
  }
  return found
}

function takeLocal(key: string): number | null {
  for (const [id, member] of localMembers(key)) {
    const offer = member.offerOrphan(process.pid)
    if (offer !== null && claim(key, offer.inode, id)) return native.duplicate(offer.socket)
  }
  return null
}

function askHolders(
  key: string,
  connections: ReadonlyMap<MemberName, Connection | null>,
  only: boolean,
): number | null {
  // A member of this thread cannot answer while the thread waits, and has been asked.
  let inVain = 0
  for (const [{ id }, connection] of connections) {
    if (inVain === mostInVain) break
    if (connection === null || (only && !isSameProgram(connection.pid))) continue
    const orphan = askHolder(key, connection)
    if (orphan === null) inVain++
    else if (claim(key, orphan.inode, id)) return orphan.socket
    else native.close(orphan.socket)
  }
  return null
}

function askHolder(key: string, connection: Connection): { inode: number; socket: number } | null {
  const answer = connection.send({ type: 'take' }) ? connection.receiveNow(patience) : null
  if (answer === null || answer.attached === null) return null
  const { message, attached } = answer
  if (message.type === 'orphan' && isOfGroup(key, attached, message.inode)) {
    return { inode: message.inode, socket: attached }
  }
  native.close(attached)
  return null
}

/**
 * Whether nobody else has the listener, or is about to listen on it: two processes that begin at the same
 * moment may be given one listener, by a holder that has just come, or because the first takes long.
 *
 * @param giver the id of the member that offers it: a launcher whose program has ended offers its own
 */
function claim(key: string, inode: number, giver: string): boolean {
  // Without a descriptor for the lock, nothing is taken.
  const lock = attempt(() => tryLock(`${key}/take/${inode}`)) ?? null
  if (lock === null) return false
  // By the end of this turn the process listens, and then a member's name tells whose it is.
  setImmediate(() => lock.release())
  const named = attempt(() => listMembers(key))
  if (named === undefined) return false
  const isOther = (member: MemberName): boolean => member.inode === inode && member.id !== giver
  const owners = connectToAll(key, named.filter(isOther))
  for (const connection of owners.values()) connection?.close()
  return owners.size === 0
}
