import { rethrow } from '../lib/errors.js'
import { native } from './native.js'

/** The process at the other end of a connection between Unix sockets. */
export interface ConnectionPeer {
  /** 0 where it cannot be seen from here: another PID namespace. */
  pid: number
  uid: number
}

/**
 * Who connected, or listened, as the system noted at that time: unix(7), `SO_PEERCRED`. Linux only.
 *
 * @param descriptor of a connected Unix socket
 * @throws a system error where it is none
 */
export function peerOfConnection(descriptor: number): ConnectionPeer {
  return rethrow(() => native.getPeer(descriptor))
}
