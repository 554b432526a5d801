import { builtin } from '../lib/builtin.js'
import { isOfSystem } from '../lib/errors.js'
import { isWildcard } from '../socket/address.js'
import { native } from '../socket/native.js'
import type { Arrangement } from './arrangement.js'
import type { Group } from './group.js'
import { handshakesOf } from './handshakes.js'

/** The outcome of leaving a group. */
export interface LeaveReport {
  /** Whether no connection was lost, as far as can be known. */
  lossless: boolean
  /** How many members or other programs' sockets serve in its place; also 0 if the system does not tell. */
  successors: number
  /** How many connections were accepted while leaving. */
  drained: number
  /** How long it took, in milliseconds. */
  waited: number
  /** Why, if `lossless` is false. */
  reason?: LeaveReason
}

/**
 * Why a leave may have lost connections.
 *
 * - `last-member`: there was nobody to take them
 * - `timeout`: within `leaveTimeout`, handshakes did not finish or the queue did not empty, or nobody
 *   said that it holds the socket
 * - `unknown-position`: no probe met this member
 * - `unsupported`: this system or kernel cannot do it
 */
export type LeaveReason = 'last-member' | 'timeout' | 'unknown-position' | 'unsupported'

/** How often the queue is looked at, in milliseconds. */
const interval = 3

/** How often handshakes are looked at: this costs the kernel more, some ms on a large machine. */
const handshakeInterval = 10

/** How long to wait where no probe has met the socket, at first and at most, in milliseconds. */
const probeInterval = { first: 20, most: 640 }

/** The port of the discard service: nobody sends from it. */
const discard = 9

export interface Departing {
  /** The group, with a descriptor of the socket that is to go. */
  group: Group
  arrangement: Arrangement
  /** Whether no member stays that would remove the group's filter later. */
  isLast: boolean
  /** On the clock of `performance.now()`: whatever is not done before this time is given up. */
  deadline: number
  /** Whether leaving has been given up. */
  isGivenUp(): boolean
  /** Called when the socket is empty and gets nothing new; waits until it may leave the group. */
  whenEmpty?(): Promise<void>
}

/**
 * Empties a socket that nobody will serve any longer, and takes it out of the group: new connections
 * go to the others. Waits for handshakes that are half way through, and for the queue, from which
 * somebody else accepts meanwhile.
 *
 * @returns why connections may have been lost; `null` if none was
 */
export async function departFrom(departing: Departing): Promise<LeaveReason | null> {
  const { group, arrangement } = departing
  try {
    if (group.protocol === 'udp') return await departDatagrams(departing)
    let wait = probeInterval.first
    for (;;) {
      if (!(await arrangement.arrange(true))) {
        if (performance.now() > departing.deadline || departing.isGivenUp()) {
          return 'unknown-position'
        }
        // A machine or a queue that is full now may not be full later. Probes block the event loop.
        await builtin.timers().setTimeout(wait)
        wait = Math.min(wait * 2, probeInterval.most)
        continue
      }
      const { current } = arrangement
      // Another CPU may still be handling a SYN that it gave to this listener under the old filter.
      await builtin.timers().setTimeout(interval)
      const reason = await emptyQueue(departing)
      // The last member removes the filter in any case.
      if (reason !== null && !departing.isLast) return reason
      await departing.whenEmpty?.()
      const out = (): void => native.shutDown(group.socket)
      const isWanted = (): boolean => !departing.isGivenUp()
      const isOut = departing.isLast
        ? arrangement.dismantle(group.inode, current, out)
        : arrangement.take(group.inode, current, isWanted, out)
      if (await isOut) return reason
      if (performance.now() > departing.deadline || departing.isGivenUp()) return 'timeout'
    }
  } catch (error) {
    if (!isOfSystem(error)) throw error
    return 'unsupported' // A sandbox, or an old kernel, refuses one of the calls.
  }
}

async function emptyQueue({ group, deadline, isGivenUp }: Departing): Promise<LeaveReason | null> {
  let handshakes = handshakesOf(group)
  for (;;) {
    if (handshakes.size === 0 && native.getQueue(group.socket).length === 0) return null
    if (performance.now() > deadline || isGivenUp()) return 'timeout'
    if (handshakes.size === 0) {
      await builtin.timers().setTimeout(interval)
      continue
    }
    await builtin.timers().setTimeout(handshakeInterval)
    // Only handshakes from the beginning can be this listener's; later ones belong to the others.
    const open = handshakesOf(group)
    handshakes = new Set([...handshakes].filter((one) => open.has(one)))
  }
}

/**
 * A connected UDP socket gets only the datagrams of its peer. Node does not know that the socket is
 * connected, so the answers that it sends still go where they should. The kernel's own choice passes
 * over a connected socket; a filter is made without it.
 */
async function departDatagrams({
  group,
  arrangement,
  deadline,
  isGivenUp,
}: Departing): Promise<LeaveReason | null> {
  const { place, socket } = group
  if (arrangement.current.steered) await arrangement.arrange(true)
  if (isGivenUp()) return 'timeout'
  const loopback = place.family === 6 ? '::1' : '127.0.0.1'
  native.connect(socket, isWildcard(place.address) ? loopback : place.address, discard)
  while (native.getQueue(socket).length > 0) {
    if (performance.now() > deadline || isGivenUp()) return 'timeout'
    await builtin.timers().setTimeout(interval)
  }
  return null
}
