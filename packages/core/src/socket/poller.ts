import { native } from './native.js'

/** The callback for each socket that is waited for. */
const callbacks = new Map<number, () => void>()
let started = false

/**
 * Calls back once, on the event loop, when a socket can be read from or its peer has hung up. It may
 * call back without a reason, so read without waiting. It does not keep the process alive.
 */
export function whenReadable(socket: number, callback: () => void): void {
  start()
  native.pollOnce(socket)
  callbacks.set(socket, callback)
}

/** What to wait for in a listener's queue. */
export interface Wait {
  /** How long something must have waited, in milliseconds. */
  patience: number
  /** The caller's own listener: while something waits there, there is no callback. */
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

/** Stops calling back. Call it before the socket is closed. */
export function forget(socket: number): void {
  if (callbacks.delete(socket)) native.forget(socket)
}

function start(): void {
  if (started) return
  native.startPoller((socket) => callbacks.get(socket)?.())
  started = true
}
