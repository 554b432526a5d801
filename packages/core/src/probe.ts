import type { Endpoint } from './address.js'
import { errorName, isSystemFailure } from './errors.js'
import { native } from './native.js'
import { setSharing } from './sharing.js'

/**
 * Tries to bind a TCP socket, and closes it at once. The socket never listens, and on Linux a TCP
 * socket joins its group when it listens, so the members there do not notice: their connections
 * and indexes stay. While it is bound, for microseconds, only a bind that does not share can meet
 * it, and that needs a port that nobody listens on.
 *
 * @param sharing whether the bind asks to share, which is how to find out whether others do
 * @returns `null` if the bind succeeds, or the name of the error
 */
export function tryToBind(endpoint: Omit<Endpoint, 'protocol'>, sharing: boolean): string | null {
  let socket: number | undefined
  try {
    socket = native.open('tcp', endpoint.family)
    if (endpoint.family === 6) native.setOption(socket, 'IPV6_V6ONLY', endpoint.ipv6Only ? 1 : 0)
    if (sharing) setSharing(socket, 'tcp')
    native.bind(socket, endpoint.address, endpoint.port)
    return null
  } catch (failure) {
    if (isSystemFailure(failure)) return errorName(failure.errno)
    throw failure
  } finally {
    if (socket !== undefined) native.close(socket)
  }
}
