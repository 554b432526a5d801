import type { Endpoint } from './address.js'
import type { Protocol } from './native.js'

/** The socket that is asked for: what Node knows at the moment of its bind. */
export interface BindRequest {
  protocol: Protocol
  /** Numeric; `null` for "any", which is `::`, or `0.0.0.0` on a machine without IPv6. */
  address: string | null
  port: number
  ipv6Only: boolean
  /** TCP only; 0 or undefined for Node's default. */
  backlog?: number | undefined
  /** UDP only: SO_REUSEADDR on top, as `dgram.createSocket({ reuseAddr })` asks for. */
  reuseAddress?: boolean
}

/** What is asked of the socket beside its address. */
export interface SocketOptions extends ListenOptions {
  exclusive?: boolean
  /**
   * Refuses a socket by throwing, beside whom it is or is about to be bound: called before a UDP
   * socket binds, after a bind, and after a TCP socket listens.
   */
  admit?: ((socket: number, endpoint: Endpoint) => void) | undefined
}

/** The options that Linux takes at listen time; see `ReuseOptions`. */
export interface ListenOptions {
  fastOpen?: number
  deferAccept?: number
  incomingCpu?: number
}

/** Who uses a socket that was handed in, and whether still. */
export interface SocketUser {
  /** The socket that it uses now. */
  socket(): number | null
}
