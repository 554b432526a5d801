import { setTimeout as delay, setImmediate } from 'node:timers/promises'
import { isWildcard } from './address.js'
import { type Census, isUnchanged, programAwayFrom, takeCensus } from './arrangement.js'
import { attempt } from './attempt.js'
import type { Group } from './group.js'
import type { Lock } from './lock.js'
import type { Membership } from './membership.js'
import { native } from './native.js'
import { capabilities } from './platform.js'
import { Announcement } from './presence.js'
import { constantProgram, encode, type Program } from './steering/program.js'

/** What became of a leave. */
export interface LeaveReport {
  /** Whether no connection was lost by it, as far as can be known. */
  lossless: boolean
  /** How many connections were accepted while leaving. */
  drained: number
  /** How long it took, in milliseconds. */
  waited: number
  /** How many other members took over; 0 too where the system does not tell. */
  successors: number
  /** Where `lossless` is false: why. */
  reason?: LeaveReason
}

/**
 * Why a leave may have lost connections.
 *
 * - `last-member`: there was nobody to take them
 * - `timeout`: handshakes or the queue did not end within `leaveTimeout`
 * - `locked`: other members were changing the group all the time
 * - `unknown-position`: no probe met this member
 * - `unsupported`: this system or kernel cannot do it
 */
export type LeaveReason = 'last-member' | 'timeout' | 'locked' | 'unknown-position' | 'unsupported'

/** Makes the report of a leave. */
export function reportOf(
  reason: LeaveReason | null,
  counts: Pick<LeaveReport, 'drained' | 'waited' | 'successors'>,
): LeaveReport {
  return { lossless: reason === null, ...counts, ...(reason && { reason }) }
}

/** How often the group and the queue are looked at, in milliseconds. */
const interval = 3

/** How often handshakes are looked at: it costs the kernel more, on a large machine some ms. */
const handshakeInterval = 10

/**
 * Takes a listener out of its group so that nothing is lost: steers new connections to the others,
 * waits until the handshakes that were half way through are complete and the queue is empty, and
 * closes at a moment at which nothing can come any more.
 *
 * @param close closes the listener at once; it is called in every case
 * @param deadline on the clock of `performance.now()`: what is not done by then is given up
 * @returns why connections may have been lost; `null` if none was
 */
export async function leaveGroup(
  { group, stays }: Membership,
  close: () => void,
  deadline: number,
): Promise<LeaveReason | null> {
  let lock: Lock | null = null
  let others: Announcement | null = null
  let reason: LeaveReason | null
  try {
    if (stays) {
      reason = null // What waits there waits for whoever accepts from it next.
    } else if (group.sockets().length < 2) {
      reason = isEmpty(group) ? null : 'last-member'
    } else {
      lock = await group.lock(deadline)
      others = lock && new Announcement(group)
      reason = others ? await empty(group, others, deadline) : 'locked'
    }
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    reason = 'unsupported' // A sandbox, or an old kernel, refuses one of the calls.
    await acceptWaiting(group.socket)
  } finally {
    close()
    others?.end()
    lock?.release()
  }
  return reason
}

/**
 * Lets Node accept what waits in the queue, where nothing better can be had. It saves a few of the
 * connections that a close loses; not those in the middle of their handshake, which are most.
 */
export async function acceptWaiting(socket: number): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    await setImmediate()
    if (capabilities.queue && attempt(() => native.getQueue(socket).length) === 0) return
  }
}

/** How many turns of the event loop that may take. Each accepts one connection at least. */
const mostTurns = 64

/** Comes back at a moment at which the listener can be closed without a loss, or cannot be. */
async function empty(
  group: Group,
  others: Announcement,
  deadline: number,
): Promise<LeaveReason | null> {
  let reason: LeaveReason
  do {
    const census = takeCensus(group)
    const last = census.inodes.size - 1
    if (last === 0) return isEmpty(group) ? null : 'last-member'

    const away = await programAwayFrom(group, census, () => others)
    if (away === null) {
      reason = 'unknown-position'
      continue
    }
    reason = 'timeout'
    attach(group, away.program)
    if ((await emptied(group, census, deadline)) === 'empty') {
      // When the listener closes, the last member takes its index. A program that names the last
      // index names a member before that and none after it, and where a program names none the
      // kernel's hash chooses: so this one is right on both sides of the close.
      const byKernel = away.thenByKernel || others.size === 0
      if (byKernel && away.position !== last) attach(group, constantProgram(last))
      return null
    }
  } while (performance.now() < deadline)
  return reason
}

/**
 * Waits until nothing waits in a listener that gets nothing new.
 *
 * @returns `changed` when members came or went, which moves indexes
 */
async function emptied(
  group: Group,
  census: Census,
  deadline: number,
): Promise<'empty' | 'changed' | 'timeout'> {
  // Another CPU may be in the middle of a SYN that it gave to us under the program before.
  await delay(interval)
  let handshakes = handshakesOf(group)
  for (;;) {
    if (!isUnchanged(group, census)) return 'changed'
    if (handshakes.size === 0 && native.getQueue(group.socket).length === 0) return 'empty'
    if (performance.now() > deadline) return 'timeout'
    if (handshakes.size === 0) {
      await delay(interval)
    } else {
      await delay(handshakeInterval)
      // Only those of the beginning can be ours; younger ones are the others'.
      const open = handshakesOf(group)
      handshakes = new Set([...handshakes].filter((one) => open.has(one)))
    }
  }
}

function isEmpty(group: Group): boolean {
  return handshakesOf(group).size === 0 && native.getQueue(group.socket).length === 0
}

/** The clients whose handshakes with the port are half way through. */
function handshakesOf({ place }: Group): Set<string> {
  const { family, ipv6Only, port } = place
  const isDual = isWildcard(place.address) && family === 6 && !ipv6Only
  const entries = (isDual ? ([4, 6] as const) : [family]).flatMap((each) =>
    native.listHandshakes(each, port),
  )
  return new Set(entries.map((entry) => `${entry.address} ${entry.port}`))
}

function attach(group: Group, program: Program): void {
  native.attachFilter(group.socket, encode(program))
}
