import type net from 'node:net'
import type { AddressInfo } from 'node:net'
import type { LeaveReport } from '../group/departure.js'
import { handOverNow } from '../group/hand-over.js'
import { type Departure, joinGroup, Membership } from '../group/membership.js'
import { admitBound } from '../inspect/foreign.js'
import { ReuseError, rethrow } from '../lib/errors.js'
import { tellPrimary, usesPrimary } from '../node/cluster.js'
import { beforeClose, define } from '../node/handle.js'
import {
  countConnections,
  giveConnection,
  hasRoom,
  holdClose,
  interceptServerBind,
  listenerOf,
  serverSocket,
  takeServerSocket,
} from '../node/server.js'
import { isInherited } from '../socket/inherited.js'
import { capabilities } from '../socket/platform.js'
import { setListenOptions, setSharing } from '../socket/sharing.js'
import { bindTarget } from './bind.js'
import { Connections } from './connections.js'
import { acceptWaiting, reasonOfLoneClose, reportOf } from './leaving.js'
import { addressOfSocket, type MemberTarget, SocketMember } from './member.js'
import { whomToName } from './named.js'
import { defaultLeaveTimeout, type ReuseOptions, type TargetOptions } from './options.js'
import { requireSupport } from './support.js'

/** Makes a server share its port whenever it listens; see `setReuse`. */
export function shareServer(server: net.Server, options: TargetOptions): SocketMember {
  requireSupport(options, 'tcp')
  if (server.listening && !usesPrimary()) shareListening(server, options)
  const target = new SharedServer(server, options)
  return new SocketMember('tcp', target, options)
}

/** A server, and its place in a group for as long as it listens. */
class SharedServer implements MemberTarget {
  readonly #server: net.Server
  readonly #options: TargetOptions
  readonly #connections: Connections
  readonly #close: net.Server['close']
  /** Whether all workers have one listener, which stays open when this one closes. */
  readonly #isOfPrimary: boolean
  #membership: Membership | null = null
  #index = -1
  /** How it left when its listener was last closed. */
  #departure: Departure | null = null
  #leaving: Promise<LeaveReport> | null = null

  constructor(server: net.Server, options: TargetOptions) {
    this.#server = server
    this.#options = options
    this.#connections = new Connections(server)
    this.#close = server.close
    this.#isOfPrimary = !options.exclusive && usesPrimary()
    define(server, 'close', (callback?: (error?: Error) => void) => this.close(callback))
    if (this.#isOfPrimary) return
    interceptServerBind(server, {
      open: (bind) => {
        const { socket, index } = bindTarget({ protocol: 'tcp', ...bind }, options, this)
        this.#index = index
        return socket
      },
      onListening: ({ address }) => {
        this.#join()
        this.#tellPrimary(address)
      },
      agreesOnPort: !options.exclusive,
    })
    if (server.listening) this.#join()
  }

  socket(): number | null {
    return this.#isOfPrimary ? takeServerSocket(this.#server) : serverSocket(this.#server)
  }

  address(): AddressInfo | null {
    // On Windows, a listener that another process has opened has no descriptor here.
    if (this.#isOfPrimary) return addressOf(this.#server)
    const socket = this.socket()
    return socket === null ? null : addressOfSocket(socket)
  }

  membership(): Membership | null {
    return this.#membership
  }

  /**
   * Node's own close: at once. If the address stays open, connections may end gracefully: Node's close
   * cuts idle connections and, from Node 26 on, also those whose first request is still to arrive.
   */
  close(callback?: (error?: Error) => void): net.Server {
    const { leaveTimeout = defaultLeaveTimeout } = this.#options
    if (this.#isOfPrimary || this.#membership?.staysOpen()) this.#connections.retire(leaveTimeout)
    this.#connections.close(() => this.#close.call(this.#server, callback))
    return this.#server
  }

  leave(): Promise<LeaveReport> {
    this.#leaving ??= this.#leave().finally(() => {
      this.#leaving = null
    })
    return this.#leaving
  }

  async #leave(): Promise<LeaveReport> {
    const start = performance.now()
    const { exclusive = false, leaveTimeout = defaultLeaveTimeout } = this.#options
    const membership = this.#membership
    if (this.#isOfPrimary) {
      this.close()
      // On Windows, each process waits for its own next connection, which may have arrived.
      const reason = process.platform === 'win32' ? 'unsupported' : null
      return reportOf(reason, { drained: 0, waited: 0, successors: 0 })
    }
    if (membership === null) {
      const socket = this.socket()
      if (!exclusive && socket !== null) await acceptWaiting(socket)
      const reason = exclusive ? reasonOfLoneClose(socket) : 'unsupported'
      if (this.#server.listening) this.close()
      return reportOf(reason, { drained: 0, waited: 0, successors: 0 })
    }
    await membership.held(leaveTimeout)
    const alone = reasonOfLoneClose(this.socket())
    if (this.#membership === membership) this.close()
    const { successors = 0, isHeld = false, retirement = null } = this.#departure ?? {}
    const { reason, drained } = (await retirement) ?? {
      reason: isHeld ? null : successors === 0 ? alone : ('timeout' as const),
      drained: 0,
    }
    handOverNow()
    const waited = performance.now() - start
    return reportOf(reason, { drained, waited, successors })
  }

  #tellPrimary(address: string | null): void {
    const bound = this.address()
    if (bound === null) return
    const addressType = bound.family === 'IPv6' ? 6 : 4
    tellPrimary(this.#server, { address, port: bound.port, addressType })
  }

  #join(): void {
    this.#connections.serve()
    this.#departure = null
    const socket = this.socket()
    const { exclusive, only, weight, steering, rescue, leaveTimeout } = this.#options
    if (socket === null || exclusive || !capabilities.holders) return
    const server = this.#server
    const listener = listenerOf(server)
    const service = {
      hasRoom: () => hasRoom(server),
      accepted: countConnections(listener),
      serveConnection: (connection: number) => giveConnection(listener, connection),
      deliver: () => {},
    }
    const membership = joinGroup(
      () =>
        new Membership(socket, 'tcp', service, {
          weight,
          steering,
          only: only !== undefined,
          rescue: rescue ?? true,
          inherited: isInherited(this),
          index: this.#index,
          named: whomToName,
        }),
    )
    this.#membership = membership
    if (membership === null) return
    beforeClose(listener, () => {
      if (this.#membership === membership) this.#membership = null
      const deadline = performance.now() + (leaveTimeout ?? defaultLeaveTimeout)
      const departure = membership.leave(deadline)
      this.#departure = departure
      if (departure.retirement === null) return
      // What waits must still be served: until then, the server does not emit 'close'.
      const release = holdClose(server)
      departure.retirement.finally(release).catch((error) => server.emit('error', error))
    })
  }
}

/** Where a server listens, according to Node; `null` if it does not, or listens on a path. */
function addressOf(server: net.Server): AddressInfo | null {
  const address = server.address()
  return typeof address === 'string' ? null : address
}

/**
 * On Linux, a server that already listens can still open its group; those that join it set the option
 * before their own bind.
 */
function shareListening(server: net.Server, options: ReuseOptions): void {
  const hint = 'Call setReuse before server.listen.'
  if (!capabilities.afterListen) {
    throw new ReuseError(
      'ERR_REUSE_UNSUPPORTED',
      `the server is already listening, and ${process.platform} accepts the option only before the bind`,
      { hint },
    )
  }
  if (typeof server.address() === 'string') return // A path: nothing to share.
  const socket = takeServerSocket(server)
  if (socket === null) {
    const message = 'the server already listens on a socket that another process holds'
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', message, { hint })
  }
  rethrow(() => {
    if (options.only) admitBound(socket, 'tcp', { socket: () => serverSocket(server) })
    setSharing(socket, 'tcp', options.exclusive)
    setListenOptions(socket, options)
  })
}
