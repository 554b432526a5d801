import { findHeldOutside } from '../inspect/outsiders.js'
import { searchGently } from '../inspect/processes.js'
import { native } from '../socket/native.js'
import { type Arranged, Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom, type LeaveReason } from './departure.js'
import { Group } from './group.js'
import type { Census } from './steering-decisions.js'

export interface Retiring {
  /** The member's own socket, which is about to be closed. */
  group: Group
  /** What the member holds; it also serves the member's own socket until that socket is out. */
  custody: Custody
  /** The orphans among what it holds: they go before the member's own socket does. */
  orphans: ReadonlySet<number>
  /** The filter that the group has. */
  arranged: Arranged
  /** What is known of the group; the sockets that retire here need not be marked as retiring. */
  census(): Census
  /** On the clock of `performance.now()`. */
  deadline: number
}

/** What makes a census one of a group that is left to the kernel's own choice. */
const unsteered = {
  policy: 'hash',
  weights: new Map(),
  orphans: new Set<number>(),
  retiring: new Set<number>(),
} as const

/**
 * How a member leaves if only programs without @reuse are left in its group, which hold nothing: a
 * duplicate of its socket is served until the socket is empty and out of the group, and so is every
 * orphan that it holds. A socket that another process has too stays in the group. Call it before the
 * socket is closed.
 */
export async function retireAll({
  group: { socket, protocol, inode, key },
  custody,
  orphans,
  arranged,
  census,
  deadline,
}: Retiring): Promise<{ reason: LeaveReason | null; drained: number }> {
  custody.hold(inode, native.duplicate(socket))
  // What waits at a UDP socket is read by Node, which has not closed it yet.
  if (protocol === 'tcp') custody.assign(inode, { kind: 'adopted' })

  const before = custody.served
  const own = new Set([...orphans, inode])
  const staying = await searchGently(findHeldOutside(key, own))
  const left = new Set([...own].filter((each) => !staying.has(each)))
  const listeners = () => new Map([...custody.sockets].filter(([each]) => left.has(each)))
  const arrangementBy = (group: Group, known: Partial<Census>): Arrangement => {
    const arrangement = new Arrangement(group, {
      census: () => ({ ...census(), ...known }),
      listeners,
      hearNow: () => {}, // There is nobody to hear.
      onArranged: () => {},
    })
    arrangement.learn(arranged)
    return arrangement
  }

  let probes = 0
  let reason: LeaveReason | null = null
  for (const [each, duplicate] of listeners()) {
    const group = new Group(duplicate, protocol)
    const arrangement = arrangementBy(group, { retiring: left })
    const isLast = left.size === 1 && staying.size === 0
    const departing = { group, arrangement, isLast, deadline, isGivenUp: () => false }
    reason = (await departFrom(departing)) ?? reason
    left.delete(each)
    probes += arrangement.probes
  }
  // Nobody is left who would keep a filter right.
  const [first] = staying
  const remaining = first === undefined ? undefined : custody.socketOf(first)
  if (remaining !== undefined) {
    await arrangementBy(new Group(remaining, protocol), unsteered).arrange(true)
  }
  // This member's own probes are not clients.
  return { reason, drained: Math.max(0, custody.served - before - probes) }
}
