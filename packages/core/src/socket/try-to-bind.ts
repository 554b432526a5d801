import { errorName, isSystemFailure } from '../lib/errors.js'
import type { Endpoint } from './address.js'
import type { BindAttempt } from './failed-bind.js'
import { native, type Protocol } from './native.js'
import { setSharing } from './sharing.js'

/**
 * Tries to bind a socket, and closes it at once. A TCP socket never listens here, and on Linux it would
 * join its group only by listening, so the members do not notice: their connections and indexes stay.
 * While it is bound, for microseconds, only a bind that does not share can fail because of it, and only
 * on a port that nobody listens on. A UDP socket takes the datagrams that arrive in that time.
 *
 * @param asked what the bind asks for; a bind that asks to share shows whether the others share
 * @returns `null` if the bind succeeds, or the name of the error
 */
export function tryToBind(
  { family, address, port, ipv6Only }: Omit<Endpoint, 'protocol'>,
  asked: BindAttempt['asked'],
  protocol: Protocol = 'tcp',
): string | null {
  let socket: number | undefined
  try {
    socket = native.open(protocol, family)
    if (family === 6) native.setOption(socket, 'IPV6_V6ONLY', ipv6Only ? 1 : 0)
    if (asked !== 'nothing') setSharing(socket, protocol, asked === 'exclusive')
    native.bind(socket, address, port)
    return null
  } catch (failure) {
    if (isSystemFailure(failure)) return errorName(failure.errno)
    throw failure
  } finally {
    if (socket !== undefined) native.close(socket)
  }
}
