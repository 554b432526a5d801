import { native } from '../socket/native.js'
import { type Arranged, Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom, type LeaveReason } from './departure.js'
import { Group } from './group.js'
import type { Census } from './steering-decisions.js'

export interface Retiring {
  /** The member's own socket, which is about to be closed. */
  group: Group
  /** What the member holds, which serves its own socket too until that is out. */
  custody: Custody
  /** The orphans among that: they go before the member does. */
  orphans: ReadonlySet<number>
  /** The filter that the group has. */
  arranged: Arranged
  /** What is known of the group; the sockets that retire here need not be marked. */
  census(): Census
  /** On the clock of `performance.now()`. */
  deadline: number
}

/**
 * The way out of a member whose group has programs without @reuse only, who hold nothing: a
 * duplicate of its socket is served until that is empty and out of the group, and so is every orphan
 * that it holds. Call it before the socket is closed.
 */
export async function retireAll({
  group: { socket, protocol, inode },
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
  const left = new Set([...orphans, inode])
  const listeners = () => new Map([...custody.sockets].filter(([each]) => left.has(each)))
  let probes = 0
  let reason: LeaveReason | null = null
  for (const [each, duplicate] of listeners()) {
    const group = new Group(duplicate, protocol)
    const arrangement = new Arrangement(group, {
      census: () => ({ ...census(), retiring: left }),
      listeners,
      hearNow: () => {}, // Nobody is there who says anything.
      onArranged: () => {},
    })
    arrangement.learn(arranged)
    const isLast = left.size === 1
    const departing = { group, arrangement, isLast, deadline, isGivenUp: () => false }
    reason = (await departFrom(departing)) ?? reason
    left.delete(each)
    probes += arrangement.probes
  }
  // A probe of this member's own is no client.
  return { reason, drained: Math.max(0, custody.served - before - probes) }
}
