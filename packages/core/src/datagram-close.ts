import type dgram from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { isWildcard } from './address.js'
import { attempt } from './attempt.js'
import { Group } from './group.js'
import { type LeaveReason, type LeaveReport, reportOf } from './leave.js'
import type { Membership } from './membership.js'
import { native } from './native.js'
import { capabilities } from './platform.js'
import { Announcement } from './presence.js'

/** The port of the discard service: nobody sends from it. */
const discard = 9

/** How often the queue is looked at, in milliseconds. */
const interval = 3

/**
 * Makes the close of a UDP socket leave the group first: the kernel gives it nothing new, and it
 * closes when all that waits in it is read. The return value, callbacks and events are those of
 * Node's own close. Its flows move to the other members, and when it is gone those of the last
 * member move into its place.
 *
 * @param descriptor tells the descriptor now, if there is one
 * @param membership tells whether it is in a group that is steered
 * @returns what leaves and closes, and tells how that went
 */
export function leaveOnDatagramClose(
  socket: dgram.Socket,
  descriptor: () => number | null,
  membership: () => Membership | null,
  leaveTimeout: number,
): () => Promise<LeaveReport> {
  const { close } = socket
  let leaving: Promise<LeaveReport> | null = null

  const leave = async (): Promise<LeaveReport> => {
    const start = performance.now()
    let drained = 0
    const count = (): number => drained++
    socket.on('message', count)
    const closeNow = (): void => {
      membership()?.end()
      if (descriptor() !== null) close.call(socket)
    }
    const open = descriptor()
    const group = open === null || !capabilities.steering ? null : new Group(open, 'udp')
    const successors = group?.countOthers() ?? 0
    const reason = await leaveGroup(group, {
      isUsed: () => descriptor() === open,
      isSteered: membership() !== null,
      successors,
      close: closeNow,
      deadline: start + leaveTimeout,
    })
    socket.off('message', count)
    const waited = performance.now() - start
    return reportOf(reason, { drained, waited, successors })
  }
  const leaveOnce = (): Promise<LeaveReport> => {
    leaving ??= leave()
    return leaving
  }

  socket.close = (callback) => {
    // One that is closed, or closing, is Node's to refuse.
    if (descriptor() === null || leaving !== null) return close.call(socket, callback)
    if (typeof callback === 'function') socket.once('close', callback)
    leaveOnce().catch((error) => socket.emit('error', error))
    return socket
  }
  return leaveOnce
}

interface Leaving {
  /** Whether the socket still uses the descriptor with which it began to leave. */
  isUsed(): boolean
  isSteered: boolean
  successors: number
  close(): void
  /** On the clock of `performance.now()`. */
  deadline: number
}

async function leaveGroup(group: Group | null, leaving: Leaving): Promise<LeaveReason | null> {
  const { isSteered, successors, close, deadline } = leaving
  if (group === null) {
    close()
    return 'unsupported'
  }
  const { socket } = group
  if (successors === 0) {
    const waiting = attempt(() => native.getQueue(socket).length)
    close()
    if (waiting === undefined) return 'unsupported'
    return waiting === 0 ? null : 'last-member'
  }
  // The kernel's own choice passes over a connected socket; a program would not. The others attach
  // theirs again when this is gone.
  const lock = isSteered ? await group.lock(deadline) : null
  const announcement = lock === null ? null : new Announcement(group)
  try {
    if (isSteered && lock === null) return 'locked'
    if (lock !== null) native.detachFilter(socket)
    return await empty(group, leaving)
  } finally {
    close()
    announcement?.end()
    lock?.release()
  }
}

/** Turns new datagrams away and waits until what is there is read. */
async function empty(
  { socket, place }: Group,
  { isUsed, deadline }: Leaving,
): Promise<LeaveReason | null> {
  // A connected socket gets the datagrams of its peer only. Node does not know that it is, so what
  // it sends in answer still goes wherever it should.
  const loopback = place.family === 6 ? '::1' : '127.0.0.1'
  native.connect(socket, isWildcard(place.address) ? loopback : place.address, discard)
  while (isUsed() && native.getQueue(socket).length > 0) {
    if (performance.now() > deadline) return 'timeout'
    await delay(interval)
  }
  return null
}
