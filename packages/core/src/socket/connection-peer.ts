import { rethrow } from '../lib/errors.js'
import { native } from './native.js'

/** The process at the other end of a connection between Unix sockets. */
export interface ConnectionPeer {
  /** 0 if the process cannot be seen from here: it is in another PID namespace. */
  pid: number
  uid: number
}

/**
 * The process that connected or listened, as the system recorded it then: unix(7), `SO_PEERCRED`.
 * Linux only.
 *
 * @param descriptor of a connected Unix socket
 * @throws a system error if it is not one
 */
export function peerOfConnection(descriptor: number): ConnectionPeer {
  return rethrow(() => native.getPeer(descriptor))
}
