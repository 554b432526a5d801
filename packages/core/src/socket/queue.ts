import { attempt } from '../lib/attempt.js'
import { native } from './native.js'

/**
 * What waits in a socket. For a TCP listener: connections that the kernel has completed and the
 * program has not accepted yet, and how many may wait. For a UDP socket: bytes that were received and
 * not read yet, as the kernel counts them (its own overhead included), and how many may wait.
 */
export interface Queue {
  /** How much waits now. */
  length: number
  /** How much may wait; anything beyond that is dropped. */
  limit: number
}

/** What waits in a socket that this process has open; `null` if the system does not say. Linux only. */
export function queueOf(descriptor: number): Queue | null {
  return attempt(() => native.getQueue(descriptor)) ?? null
}
