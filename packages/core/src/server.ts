import cluster from 'node:cluster'
import type net from 'node:net'
import { ReuseError, rethrow } from './errors.js'
import { admitBound } from './foreign.js'
import { isInherited } from './inherited.js'
import { openListener } from './listener.js'
import { SocketMember } from './member.js'
import { joinGroup, Membership } from './membership.js'
import {
  interceptServerBind,
  onServerListen,
  serverSocket,
  takeServerSocket,
} from './node/server.js'
import type { ReuseOptions } from './options.js'
import { capabilities } from './platform.js'
import { leaveOnClose } from './server-close.js'
import { requireSupport, setListenOptions, setSharing } from './sharing.js'

const shared = new WeakSet<net.Server>()

/** Makes a server share its port whenever it listens; see `setReuse`. */
export function shareServer(server: net.Server, options: ReuseOptions): SocketMember {
  requireSupport(options, 'tcp')
  if (server.listening) shareListening(server, options)
  const { exclusive, weight, steering } = options
  let membership: Membership | null = null
  const user = { socket: () => serverSocket(server) }
  const join = (): void => {
    const socket = user.socket()
    if (socket === null || exclusive || !capabilities.steering) return
    membership?.end()
    const stays = isInherited(user)
    const isOpen = (): boolean => user.socket() === socket
    const own = { weight, steering, stays }
    membership = joinGroup(() => new Membership(socket, 'tcp', isOpen, own))
  }
  const current = (): Membership | null => (membership?.ended ? null : membership)
  const leave = leaveOnClose(server, user.socket, current, options)
  const member = new SocketMember('tcp', { ...user, leave, membership: current })

  interceptServerBind(server, (bind) => openListener({ protocol: 'tcp', ...bind }, options, user))
  server.on('listening', join)
  server.on('close', () => membership?.end()) // However it came to be closed.
  if (server.listening) join()
  shared.add(server)
  return member
}

/**
 * On Linux a listener may open its group after the fact; those who join it set the option before
 * their own bind.
 */
function shareListening(server: net.Server, options: ReuseOptions): void {
  const hint = 'Call setReuse before server.listen.'
  if (!capabilities.afterListen) {
    throw new ReuseError(
      'ERR_REUSE_UNSUPPORTED',
      `the server listens already, and ${process.platform} takes the option before the bind only`,
      { hint },
    )
  }
  if (typeof server.address() === 'string') return // A path: nothing to share.
  const socket = takeServerSocket(server)
  if (socket === null) {
    const message = 'the server listens already, on a socket that another process holds'
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', message, { hint })
  }
  rethrow(() => {
    if (options.only) admitBound(socket, 'tcp', { socket: () => serverSocket(server) })
    setSharing(socket, 'tcp', options.exclusive)
    setListenOptions(socket, options)
  })
}

/** A cluster worker asks its primary to bind, unless the listen options say `exclusive`. */
export function bindInThisProcess(options: net.ListenOptions): void {
  const onPath = options.path !== undefined && options.port === undefined
  if (cluster.isWorker && !onPath) options.exclusive = true
}

if (cluster.isWorker) {
  onServerListen((server, options) => {
    if (shared.has(server)) bindInThisProcess(options)
  })
}
