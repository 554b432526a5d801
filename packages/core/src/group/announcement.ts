import { findHolders, programOf, searchGently } from '../inspect/processes.js'
import { isSameProgram } from '../inspect/same-program.js'
import { formatAddress, isWildcard } from '../socket/address.js'
import type { Group } from './group.js'

/** Who is named: the other programs of a group, these and other processes of this program, or nobody. */
export type Named = 'other programs' | 'everybody' | 'nobody'

export interface AnnouncementOptions {
  group: Group
  named(): Named
  /** The processes of the members that were there before; 0 for one that cannot be seen from here. */
  memberPids(): readonly number[]
  /** The sockets of programs without @reuse. */
  strangers: ReadonlySet<number>
}

/** How many are named at most. */
const most = 3

/** What this thread has said already. */
const said = new Set<string>()

/**
 * Says once, when a member has joined, with whom it shares the port: two programs that were started on
 * one port by mistake would otherwise each silently serve half of its clients.
 */
export async function announce(options: AnnouncementOptions): Promise<void> {
  const { group, memberPids, strangers } = options
  const named = options.named()
  if (named === 'nobody') return
  const holders =
    strangers.size === 0 ? [] : [...(await searchGently(findHolders(strangers))).values()]
  // If several processes hold one socket, the last one serves.
  const others = [...memberPids(), ...holders.map((some) => some.at(-1)?.pid ?? 0)]
  const pids = [...new Set(others)].filter((pid) => {
    if (pid === process.pid) return false
    return named === 'everybody' || !isSameProgram(pid)
  })
  if (pids.length === 0) return
  const { address, port } = group.place
  const where = isWildcard(address) ? `:${port}` : formatAddress(address, port)
  const names = pids.slice(0, most).map(nameOf)
  if (pids.length > most) names.push(`${pids.length - most} more`)
  const line = `@reuse: shares ${where} with ${names.join(', ')}`
  if (said.has(line)) return
  said.add(line)
  console.error(line)
}

function nameOf(pid: number): string {
  return pid === 0
    ? 'a program that is not visible from here'
    : `${programOf(pid) ?? 'a program'} (pid ${pid})`
}
