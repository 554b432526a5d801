import type dgram from 'node:dgram'
import type { AddressInfo } from 'node:net'
import type { LeaveReport } from '../group/departure.js'
import { handOverNow } from '../group/hand-over.js'
import { type Departure, joinGroup, Membership } from '../group/membership.js'
import { admitBound } from '../inspect/foreign.js'
import { attempt } from '../lib/attempt.js'
import { ReuseError, rethrow } from '../lib/errors.js'
import { tellPrimary, usesPrimary } from '../node/cluster.js'
import {
  beforeDatagramClose,
  datagramSocket,
  deliverDatagram,
  interceptDatagramBind,
  isClosed,
  stopReceiving,
  takeDatagramSocket,
} from '../node/datagram.js'
import { define } from '../node/handle.js'
import { native } from '../socket/native.js'
import { capabilities } from '../socket/platform.js'
import { setListenOptions, setSharing } from '../socket/sharing.js'
import { bindTarget, isClient } from './bind.js'
import { reasonOfLoneClose, reportOf } from './leaving.js'
import { addressOfSocket, type MemberTarget, SocketMember } from './member.js'
import { whomToName } from './named.js'
import { defaultLeaveTimeout, type ReuseOptions, type TargetOptions } from './options.js'
import { requireSupport } from './support.js'

/** Makes a UDP socket share its port when it binds; see `setReuse`. */
export function shareDatagramSocket(socket: dgram.Socket, options: TargetOptions): SocketMember {
  requireSupport(options, 'udp')
  if (isClosed(socket)) {
    throw new ReuseError('ERR_REUSE_NOT_LISTENING', 'the UDP socket is closed', {
      hint: 'A closed UDP socket cannot bind again: create a new one.',
    })
  }
  return new SocketMember('udp', new SharedDatagramSocket(socket, options), options)
}

/** A UDP socket, and its place in a group. */
class SharedDatagramSocket implements MemberTarget {
  readonly #socket: dgram.Socket
  readonly #options: TargetOptions
  readonly #close: dgram.Socket['close']
  /** Whether the primary binds one socket for all workers. */
  readonly #isOfPrimary: boolean
  #membership: Membership | null = null
  #index = -1
  #leaving: Promise<LeaveReport> | null = null

  constructor(socket: dgram.Socket, options: TargetOptions) {
    this.#socket = socket
    this.#options = options
    this.#close = socket.close
    this.#isOfPrimary = !options.exclusive && usesPrimary()
    if (this.#isOfPrimary) return
    define(socket, 'close', (callback?: () => void) => this.close(callback))
    if (isBound(socket)) {
      shareBound(socket, options)
      this.#join()
      return
    }
    interceptDatagramBind(socket, {
      open: (bind) => {
        const bound = bindTarget({ protocol: 'udp', ...bind }, options, this)
        this.#index = bound.index
        return bound.socket
      },
      onBound: ({ address, port }) => {
        if (!isClient({ protocol: 'udp', port }, options)) this.#join()
        const bound = this.address()
        if (bound === null) return
        const addressType = bound.family === 'IPv6' ? 'udp6' : 'udp4'
        tellPrimary(socket, { address, port: bound.port, addressType })
      },
      agreesOnPort: !options.exclusive,
    })
  }

  socket(): number | null {
    return this.#isOfPrimary ? takeDatagramSocket(this.#socket) : datagramSocket(this.#socket)
  }

  address(): AddressInfo | null {
    const socket = this.socket()
    return socket === null ? null : addressOfSocket(socket)
  }

  membership(): Membership | null {
    return this.#membership
  }

  /** Node's own close: at once or, if only programs without @reuse are left, when the socket is empty. */
  close(callback?: () => void): dgram.Socket {
    const isHeld = this.#membership?.isHeld() ?? true
    if (this.socket() === null || isHeld || this.#leaving !== null) {
      return this.#close.call(this.#socket, callback)
    }
    if (typeof callback === 'function') this.#socket.once('close', callback)
    const close = (): void => {
      if (!isClosed(this.#socket)) this.#close.call(this.#socket)
    }
    this.leave().then(close, close)
    return this.#socket
  }

  /**
   * After this, nothing new comes to the socket, and what waited there is read here or by another
   * member. The socket can still send, until it is closed.
   */
  leave(): Promise<LeaveReport> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  async #leave(): Promise<LeaveReport> {
    const start = performance.now()
    const { leaveTimeout = defaultLeaveTimeout } = this.#options
    const membership = this.#membership
    let drained = 0
    const count = (): number => drained++
    await membership?.held(leaveTimeout)
    const alone = reasonOfLoneClose(this.socket())
    this.#socket.on('message', count)
    const departure = this.#depart()
    const outcome = await departure?.retirement
    this.#socket.off('message', count)
    stopReceiving(this.#socket)
    handOverNow()
    const { successors = 0, isHeld = false } = departure ?? {}
    const lone = successors === 0 ? alone : ('timeout' as const)
    const reason = outcome ? outcome.reason : isHeld ? null : lone
    const unsupported = membership === null && alone === null && !capabilities.holders
    const waited = performance.now() - start
    return reportOf(unsupported ? 'unsupported' : reason, { drained, waited, successors })
  }

  #depart(): Departure | null {
    const membership = this.#membership
    this.#membership = null
    if (membership === null) return null
    const { leaveTimeout = defaultLeaveTimeout } = this.#options
    return membership.leave(performance.now() + leaveTimeout)
  }

  #join(): void {
    const descriptor = this.socket()
    const { exclusive, only, steering } = this.#options
    if (descriptor === null || exclusive || !capabilities.holders) return
    const service = {
      hasRoom: () => true,
      accepted: () => null,
      serveConnection: () => {},
      deliver: (datagram: Parameters<typeof deliverDatagram>[1]) =>
        deliverDatagram(this.#socket, datagram),
    }
    // The kernel notes the destination of a datagram when it comes: a holder that comes later needs it.
    attempt(() => native.tellDestination(descriptor))
    const index = this.#index
    const own = { steering, only: only !== undefined, index, named: whomToName }
    this.#membership = joinGroup(() => new Membership(descriptor, 'udp', service, own))
    beforeDatagramClose(this.#socket, () => this.#depart())
  }
}

function isBound(socket: dgram.Socket): boolean {
  try {
    socket.address()
    return true
  } catch {
    return false // Node throws if the socket is not bound.
  }
}

/** On Linux, a socket that is already bound can still open its group, as a listener can. */
function shareBound(socket: dgram.Socket, options: ReuseOptions): void {
  const descriptor = capabilities.afterListen ? takeDatagramSocket(socket) : null
  if (descriptor === null) {
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', 'the UDP socket is already bound', {
      hint: 'Call setReuse before socket.bind.',
    })
  }
  rethrow(() => {
    if (options.only) admitBound(descriptor, 'udp', { socket: () => datagramSocket(socket) })
    setSharing(descriptor, 'udp', options.exclusive)
    setListenOptions(descriptor, options)
  })
}
