import type dgram from 'node:dgram'
import { setTimeout as delay } from 'node:timers/promises'
import { isWildcard } from './address.js'
import { Group } from './group.js'
import type { LeaveReason, LeaveReport } from './leave.js'
import { native } from './native.js'
import { capabilities } from './platform.js'

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
 * @returns what leaves and closes, and tells how that went
 */
export function leaveOnDatagramClose(
  socket: dgram.Socket,
  descriptor: () => number | null,
  leaveTimeout: number,
): () => Promise<LeaveReport> {
  const { close } = socket
  let leaving: Promise<LeaveReport> | null = null

  const leave = async (): Promise<LeaveReport> => {
    const start = performance.now()
    let drained = 0
    const count = (): number => drained++
    socket.on('message', count)
    const reason = await empty(descriptor, start + leaveTimeout)
    socket.off('message', count)
    close.call(socket)
    const waited = performance.now() - start
    return { lossless: reason === null, drained, waited, ...(reason && { reason }) }
  }
  const leaveOnce = (): Promise<LeaveReport> => {
    leaving ??= leave()
    return leaving
  }

  socket.close = (callback) => {
    const current = descriptor()
    // Closing one that is closed, or closing, is Node's to refuse; one that is alone closes at once.
    if (current === null || leaving !== null || isAlone(current))
      return close.call(socket, callback)
    if (typeof callback === 'function') socket.once('close', callback)
    leaveOnce().catch((error) => socket.emit('error', error))
    return socket
  }
  return leaveOnce
}

function isAlone(descriptor: number): boolean {
  return !capabilities.steering || new Group(descriptor, 'udp').sockets().length < 2
}

/** Turns new datagrams away and waits until what is there is read. */
async function empty(
  descriptor: () => number | null,
  deadline: number,
): Promise<LeaveReason | null> {
  const socket = descriptor()
  if (socket === null || !capabilities.steering) return 'unsupported'
  if (isAlone(socket)) return native.getQueue(socket).length === 0 ? null : 'last-member'

  // A connected socket gets the datagrams of its peer only; the kernel's choice passes it over. Node
  // does not know of it, so what is sent in answer still goes wherever it should.
  const { address, family } = native.getAddress(socket)
  const loopback = family === 6 ? '::1' : '127.0.0.1'
  native.connect(socket, isWildcard(address) ? loopback : address, discard)
  while (descriptor() === socket && native.getQueue(socket).length > 0) {
    if (performance.now() > deadline) return 'timeout'
    await delay(interval)
  }
  return null
}
