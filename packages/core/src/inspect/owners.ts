import { attempt } from '../lib/attempt.js'
import type { Protocol, SocketEntry } from '../socket/native.js'
import { groupKey, type ListedMember, listMembers, type MemberName } from './member-names.js'
import { findHolders, type Holder, type Search } from './processes.js'

/** Who has a socket. */
export interface Ownership {
  entry: SocketEntry
  /** The process that serves it; undefined if that is another user's, or has ended. */
  owner: Holder | undefined
  /** Whether its process has left or died, and members of its group keep it alive. */
  orphan: boolean
  /** All processes that hold it, the owner among them. */
  holders: Holder[]
  /** The name of its member; `null` if it has none. */
  member: MemberName | null
  /** The holders that do not hold it for another member: the owner, a supervisor. */
  inOwnRight: Holder[]
}

/**
 * Finds who has these sockets. Members of a group hold each other's listeners: the owner is the process
 * that has the Unix socket with the member's name open.
 */
export function* findOwners(protocol: Protocol, entries: SocketEntry[]): Search<Ownership[]> {
  const known = new Map<string, ListedMember[]>()
  const membersOf = (key: string): ListedMember[] => {
    const members = known.get(key) ?? attempt(() => listMembers(key)) ?? []
    known.set(key, members)
    return members
  }
  const groups = entries.map((entry) => ({
    entry,
    members: membersOf(groupKey(protocol, entry, entry.uid)),
  }))
  const names = groups.flatMap(({ members }) => members.map(({ nameInode }) => nameInode))
  const found = yield* findHolders(new Set([...entries.map(({ inode }) => inode), ...names]))
  return groups.map(({ entry, members }) => {
    const holders = found.get(entry.inode) ?? []
    // A process that has a name but not the socket is another user's, who can take any name.
    const isTrue = ({ pid }: Holder): boolean => holders.some((holder) => holder.pid === pid)
    const named = members.filter(
      ({ inode, nameInode }) =>
        inode === entry.inode && (found.get(nameInode)?.some(isTrue) ?? true),
    )
    const owner = named.flatMap(({ nameInode }) => found.get(nameInode) ?? []).find(isTrue)
    const pids = pidsOf(members, found)
    if (named.length > 0) {
      // If the member is in another PID namespace, no process is found that has the name.
      const inOwnRight = holders.filter(({ pid }) => pid === owner?.pid || !pids.has(pid))
      const member = named.find(({ pid }) => pid === owner?.pid) ?? named[0] ?? null
      return { entry, owner, orphan: false, holders, member, inOwnRight }
    }
    const outsiders = holders.filter(({ pid }) => !pids.has(pid))
    const orphan = holders.length > 0 && outsiders.length === 0
    const inOwnRight = orphan ? holders : outsiders
    return { entry, owner: outsiders.at(-1), orphan, holders, member: null, inOwnRight }
  })
}

/** The processes of members: those that have the members' names open. */
export function pidsOf(
  members: readonly ListedMember[],
  found: ReadonlyMap<number, Holder[]>,
): Set<number> {
  return new Set(
    members.flatMap(({ nameInode }) => (found.get(nameInode) ?? []).map(({ pid }) => pid)),
  )
}
