import { native } from './native.js'

/** What is called for each socket that is waited for. */
const callbacks = new Map<number, () => void>()
let started = false

/**
 * Calls back once, on the event loop, when a socket can be read from or its peer has hung up. It
 * may call back without a reason: read without waiting. Nothing of it keeps the process alive.
 */
export function whenReadable(socket: number, callback: () => void): void {
  start()
  native.pollOnce(socket)
  callbacks.set(socket, callback)
}

/** What is waited for in a listener's queue. */
export interface Wait {
  /** How long something has to have waited, in milliseconds. */
  patience: number
  /** A listener of one's own: while something waits there, it is not called back. */
  unlessAt?: number
}

/** Calls back once, when something has waited in a listener's queue for some time. */
export function whenWaiting(
  socket: number,
  { patience, unlessAt = -1 }: Wait,
  callback: () => void,
): void {
  start()
  native.watchQueue(socket, patience, unlessAt)
  callbacks.set(socket, callback)
}

/** Calls back no more. Call it before the socket is closed. */
export function forget(socket: number): void {
  if (callbacks.delete(socket)) native.forget(socket)
}

function start(): void {
  if (started) return
  native.startPoller((socket) => callbacks.get(socket)?.())
  started = true
}
