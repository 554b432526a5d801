import type { Datagram } from '../socket/native.js'

/** What a member's server or UDP socket does for its group. */
export interface Service {
  /** Whether it can take one more connection. */
  hasRoom(): boolean
  /** How many connections it has accepted; `null` where it takes none. */
  accepted(): number | null
  /** Serves a connection that was accepted from another listener; it then owns the descriptor. */
  serveConnection(connection: number): void
  /** Delivers a datagram that was sent to another socket. */
  deliver(datagram: Datagram): void
}
