import { attempt } from '../lib/attempt.js'
import { listMembers } from './member-names.js'
import { pidsOf } from './owners.js'
import { findHolders, type Search } from './processes.js'

/**
 * Finds those of a group's sockets that a process has which is not a member: a child process that was sent
 * its parent's server, or a program that lives on without what made it a member.
 *
 * @param key the group's
 * @param inodes of the sockets in question
 */
export function* findHeldOutside(
  key: string,
  inodes: ReadonlySet<number>,
): Search<ReadonlySet<number>> {
  const members = attempt(() => listMembers(key)) ?? []
  const names = members.map(({ nameInode }) => nameInode)
  const found = yield* findHolders(new Set([...inodes, ...names]))
  const pids = pidsOf(members, found).add(process.pid) // A member that leaves has no name any longer.
  const isOutside = (inode: number): boolean =>
    found.get(inode)?.some(({ pid }) => !pids.has(pid)) ?? false
  return new Set([...inodes].filter(isOutside))
}
