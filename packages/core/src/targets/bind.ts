import { inodeOf, listGroup } from '../group/group.js'
import { takeOrphan } from '../group/take-orphan.js'
import { refuseForeign, watchForeign } from '../inspect/foreign.js'
import { withBindHint } from '../inspect/hint.js'
import { attempt } from '../lib/attempt.js'
import { handedToWrapper } from '../socket/inherited.js'
import { endpointOf, openListener } from '../socket/open.js'
import { capabilities } from '../socket/platform.js'
import type { BindRequest, SocketOptions, SocketUser } from '../socket/request.js'
import type { ReuseOptions, TargetOptions } from './options.js'
import { placeOf, takePlace } from './own-places.js'

/** A socket for a server or UDP socket to use. */
export interface Bound {
  socket: number
  /** Its index in its group; -1 if that is not known. */
  index: number
}

/**
 * Opens a socket for a server or UDP socket, if its options admit all sockets that are already on the
 * port; or takes a socket whose member is gone.
 *
 * @throws SystemError, ReuseError; in that case no socket stays open
 */
export function bindTarget(request: BindRequest, options: TargetOptions, user: SocketUser): Bound {
  const { protocol } = request
  const open = (how: SocketOptions, orphan: number | null = null): number => {
    const hint = (): string | undefined => handedToWrapper(request)
    return withBindHint(() => openListener(request, how, user, orphan), hint)
  }
  if (isClient(request, options)) return { socket: open({ isPlain: true }), index: -1 }
  if (options.isUnchanged) takePlace(request, user)
  const admit = options.only === undefined ? undefined : refuseForeign
  const { orphan, size } = findOrphan(request, options)
  const socket = open({ ...options, admit }, orphan)
  if (options.only) watchForeign(socket, endpointOf(socket, protocol), user)
  const isLast = orphan === null && size !== null && sizeWith(socket, request) === size + 1
  return { socket, index: isLast ? size : -1 }
}

/** Whether it is the UDP socket of a client, in a program that does not use @reuse: it shares nothing. */
export function isClient(
  { protocol, port }: Pick<BindRequest, 'protocol' | 'port'>,
  { isUnchanged = false }: TargetOptions,
): boolean {
  return isUnchanged && protocol === 'udp' && port === 0
}

function findOrphan(request: BindRequest, { exclusive, only }: ReuseOptions) {
  const { protocol, port } = request
  if (exclusive || port === 0 || !capabilities.holders) return { orphan: null, size: null }
  return takeOrphan(protocol, { ...placeOf(request), port }, only !== undefined)
}

/** Members that join at the same moment cannot tell who was first. */
function sizeWith(socket: number, { protocol }: BindRequest): number | undefined {
  return attempt(() => listGroup(protocol, endpointOf(socket, protocol), inodeOf(socket)).length)
}
