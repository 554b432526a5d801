import { attempt } from '../lib/attempt.js'
import { native } from './native.js'

/**
 * What waits in a socket. Of a TCP listener: connections that the kernel has completed and the
 * program has not accepted, and how many may. Of a UDP socket: bytes received and not read, as the
 * kernel counts them (its own overhead included), and how many may.
 */
export interface Queue {
  /** What waits now. */
  length: number
  /** How much may wait; what comes beyond is dropped. */
  limit: number
}

/** What waits in a socket that this process has open; `null` where the system does not tell. Linux only. */
export function queueOf(descriptor: number): Queue | null {
  return attempt(() => native.getQueue(descriptor)) ?? null
}
