import { systemError } from '../lib/errors.js'
import { familyOf, overlap, type Place } from '../socket/address.js'
import { noteFailedBind } from '../socket/failed-bind.js'
import { anyAddress, endpointOf } from '../socket/open.js'
import type { BindRequest, SocketUser } from '../socket/request.js'

interface Taken {
  request: BindRequest
  user: WeakRef<SocketUser>
}

/** Where the servers and UDP sockets of an unchanged program are bound, or about to be. */
const places = new Set<Taken>()

/**
 * Notes where a server or UDP socket is about to be bound.
 *
 * @throws SystemError `EADDRINUSE` if another one of this thread is bound there, as in plain Node
 */
export function takePlace(request: BindRequest, user: SocketUser): void {
  const { protocol, port, reuseAddress = false } = request
  for (const taken of places) {
    const socket = taken.user.deref()?.socket() ?? null
    if (socket === null) {
      places.delete(taken)
      continue
    }
    const other = endpointOf(socket, taken.request.protocol)
    const isAgreed = reuseAddress && taken.request.reuseAddress === true
    if (protocol !== taken.request.protocol || port !== other.port || isAgreed) continue
    if (overlap(other, placeOf(request))) throw inUse(request)
  }
  places.add({ request, user: new WeakRef(user) })
}

/** Where a request wants its socket. */
export function placeOf({ address, ipv6Only }: BindRequest): Place {
  const where = address ?? anyAddress()
  return { address: where, family: familyOf(where), ipv6Only }
}

function inUse(request: BindRequest): Error {
  const { protocol, port } = request
  const place = placeOf(request)
  const syscall = protocol === 'tcp' ? 'listen' : 'bind'
  const code = 'EADDRINUSE'
  const hint =
    'This program already uses that port. To share a port among servers of one program, call setReuse for them.'
  const failure = Object.assign(new Error(code), { errno: 0, syscall }) // No call has been made.
  const error = systemError(failure, { code, address: place.address, port, hint })
  return noteFailedBind(error, { ...place, port, protocol, asked: 'nothing' })
}
