import { setTimeout as delay } from 'node:timers/promises'
import type { Group } from './group.js'
import type { Membership } from './membership.js'
import { native } from './native.js'
import { findPosition } from './position.js'
import { Announcement } from './presence.js'
import {
  chooseProgram,
  constantProgram,
  encode,
  kernelHash,
  type Program,
} from './steering/program.js'

/** What became of a leave. */
export interface LeaveReport {
  /** Whether no connection was lost by it, as far as can be known. */
  lossless: boolean
  /** How many connections were accepted while leaving. */
  drained: number
  /** How long it took, in milliseconds. */
  waited: number
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

/** How often the group, the handshakes and the queue are looked at, in milliseconds. */
const interval = 3

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
  if (stays) {
    close() // What waits there waits for whoever accepts from it next.
    return null
  }
  if (group.sockets().length < 2) {
    const reason = isEmpty(group) ? null : 'last-member'
    close()
    return reason
  }
  const lock = await group.lock(deadline)
  const announcement = lock === null ? null : new Announcement(group)
  try {
    const reason = lock === null ? 'locked' : await makeSureToBeEmpty(group, deadline)
    close()
    return reason
  } catch (error) {
    close()
    if (error instanceof Error && 'syscall' in error) return 'unsupported'
    throw error
  } finally {
    announcement?.end()
    lock?.release()
  }
}

/** Comes back at a moment at which the listener can be closed without a loss, or cannot be. */
async function makeSureToBeEmpty(group: Group, deadline: number): Promise<LeaveReason | null> {
  let position: number | null = null
  let reason: LeaveReason = 'timeout'
  do {
    const members = inodesOf(group)
    const last = members.size - 1
    if (last === 0) return isEmpty(group) ? null : 'last-member'

    position = await findPosition(group, members.size, kernelHashProgram, position)
    if (position === null) {
      reason = 'unknown-position'
      continue
    }
    attach(group, awayFrom(position, members.size))
    const outcome = await emptied(group, members, deadline)
    if (outcome === 'empty') {
      // When the listener closes, the last member takes its index. A program that names the last
      // index names a member before that and none after it, and where a program names none the
      // kernel's hash chooses: so this one is right on both sides of the close.
      if (position !== last) attach(group, constantProgram(last))
      return null
    }
    reason = 'timeout'
  } while (performance.now() < deadline)
  return reason
}

const kernelHashProgram = constantProgram(kernelHash)

/** A program that chooses among all members but one. */
function awayFrom(position: number, size: number): Program {
  const indexes = Array.from({ length: size }, (_, index) => index)
  const seats = indexes
    .filter((index) => index !== position)
    .map((index) => ({ index, weight: 1, id: index }))
  return chooseProgram({ choice: 'random', protocol: 'tcp', seats })
}

/**
 * Waits until nothing waits in a listener that gets nothing new.
 *
 * @returns `changed` when members came or went, which moves indexes
 */
async function emptied(
  group: Group,
  members: ReadonlySet<number>,
  deadline: number,
): Promise<'empty' | 'changed' | 'timeout'> {
  // Another CPU may be in the middle of a SYN that it gave to us under the program before.
  await delay(interval)
  let handshakes = handshakesOf(group)
  for (;;) {
    const now = inodesOf(group)
    if (now.size !== members.size || !isSubset(now, members)) return 'changed'
    if (handshakes.size === 0 && native.getQueue(group.socket).length === 0) return 'empty'
    if (performance.now() > deadline) return 'timeout'
    await delay(interval)
    // Only those of the beginning can be ours; younger ones are the others'.
    const open = handshakesOf(group)
    handshakes = new Set([...handshakes].filter((one) => open.has(one)))
  }
}

function isEmpty(group: Group): boolean {
  return handshakesOf(group).size === 0 && native.getQueue(group.socket).length === 0
}

function inodesOf(group: Group): Set<number> {
  return new Set(group.sockets().map(({ inode }) => inode))
}

/** The clients whose handshakes with the port are half way through. */
function handshakesOf(group: Group): Set<string> {
  const entries = native.listHandshakes(group.place.port)
  return new Set(entries.map(({ address, port }) => `${address} ${port}`))
}

function isSubset(set: ReadonlySet<number>, of: ReadonlySet<number>): boolean {
  return [...set].every((one) => of.has(one))
}

function attach(group: Group, program: Program): void {
  native.attachFilter(group.socket, encode(program))
}
