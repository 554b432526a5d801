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
