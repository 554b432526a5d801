import type { Endpoint } from './address.js'
import type { Protocol } from './native.js'

/** The socket that is requested: what Node knows when it binds. */
export interface BindRequest {
  protocol: Protocol
  /** Numeric; `null` for "any", which is `::`, or `0.0.0.0` on a machine without IPv6. */
  address: string | null
  port: number
  ipv6Only: boolean
  /** TCP only; 0 or undefined for Node's default. */
  backlog?: number | undefined
  /** UDP only: SO_REUSEADDR in addition, as `dgram.createSocket({ reuseAddr })` asks for. */
  reuseAddress?: boolean
}

/** What is requested of the socket apart from its address. */
export interface SocketOptions extends ListenOptions {
  exclusive?: boolean
  /** Whether it is bound as Node binds it: it neither shares its port nor refuses to. */
  isPlain?: boolean
  /**
   * Throws to refuse a socket because of those beside which it is, or is about to be, bound. Called
   * before a UDP socket binds, after a bind, and after a TCP socket listens.
   */
  admit?: ((socket: number, endpoint: Endpoint) => void) | undefined
}

/** The options that Linux takes at listen time; see `ReuseOptions`. */
export interface ListenOptions {
  fastOpen?: number
  deferAccept?: number
  incomingCpu?: number
}

/** Something that uses a socket, and says whether it still does. */
export interface SocketUser {
  /** The socket that it uses now. */
  socket(): number | null
}
