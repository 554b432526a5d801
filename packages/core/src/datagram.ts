import cluster from 'node:cluster'
import type dgram from 'node:dgram'
import { attempt } from './attempt.js'
import { leaveOnDatagramClose } from './datagram-close.js'
import { ReuseError, rethrow } from './errors.js'
import { admitBound } from './foreign.js'
import { Group } from './group.js'
import { openListener } from './listener.js'
import { SocketMember } from './member.js'
import { joinGroup, Membership } from './membership.js'
import {
  datagramSocket,
  interceptDatagramBind,
  isClosed,
  takeDatagramSocket,
} from './node/datagram.js'
import { defaultLeaveTimeout, type ReuseOptions } from './options.js'
import { capabilities } from './platform.js'
import { presentMembers } from './presence.js'
import { requireSupport, setListenOptions, setSharing } from './sharing.js'

/** Makes a UDP socket share its port when it binds; see `setReuse`. */
export function shareDatagramSocket(socket: dgram.Socket, options: ReuseOptions): SocketMember {
  requireSupport(options, 'udp')
  if (isClosed(socket)) {
    throw new ReuseError('ERR_REUSE_NOT_LISTENING', 'the UDP socket is closed', {
      hint: 'A closed UDP socket does not bind again: make a new one.',
    })
  }
  const { exclusive, steering, leaveTimeout = defaultLeaveTimeout } = options
  const user = { socket: () => datagramSocket(socket) }
  let membership: Membership | null = null
  const join = (): Membership | null => {
    const descriptor = user.socket()
    if (descriptor === null || exclusive || !capabilities.steering) return null
    const isOpen = (): boolean => user.socket() === descriptor
    membership ??= joinGroup(() => new Membership(descriptor, 'udp', isOpen, { steering }))
    return membership
  }
  const leave = leaveOnDatagramClose(socket, user.socket, () => membership, leaveTimeout)
  const member = new SocketMember('udp', { ...user, leave, membership: join })
  socket.on('close', () => membership?.end())

  // Many UDP sockets are clients that nobody steers: only where somebody does, it joins at once.
  const joinIfSteered = (): void => {
    if (steering !== undefined || isSteered(user.socket())) join()
  }
  socket.on('listening', joinIfSteered)
  if (isBound(socket)) {
    shareBound(socket, options)
    joinIfSteered()
  } else {
    interceptDatagramBind(socket, (bind) =>
      openListener({ protocol: 'udp', ...bind }, options, user),
    )
    if (cluster.isWorker) bindInThisProcess(socket)
  }
  return member
}

/** Whether other members of the socket's group steer it. */
function isSteered(descriptor: number | null): boolean {
  if (descriptor === null || !capabilities.steering) return false
  return (attempt(() => presentMembers(new Group(descriptor, 'udp'))) ?? []).length > 0
}

function isBound(socket: dgram.Socket): boolean {
  try {
    socket.address()
    return true
  } catch {
    return false // Node's way to say so.
  }
}

/** On Linux a bound socket may open its group after the fact, as a listener may. */
function shareBound(socket: dgram.Socket, options: ReuseOptions): void {
  const descriptor = capabilities.afterListen ? takeDatagramSocket(socket) : null
  if (descriptor === null) {
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', 'the UDP socket is bound already', {
      hint: 'Call setReuse before socket.bind.',
    })
  }
  rethrow(() => {
    if (options.only) admitBound(descriptor, 'udp', { socket: () => datagramSocket(socket) })
    setSharing(descriptor, 'udp', options.exclusive)
    setListenOptions(descriptor, options)
  })
}

/** A cluster worker asks its primary to bind, unless the options of bind say `exclusive`. */
function bindInThisProcess(socket: dgram.Socket): void {
  const { bind } = socket
  socket.bind = (...args: unknown[]) => {
    const [first, second] = args
    const callback = args.findLast((argument) => typeof argument === 'function')
    if (typeof first === 'object' && first !== null) {
      if ('recvStart' in first) return Reflect.apply(bind, socket, args) // A handle.
      return Reflect.apply(bind, socket, [{ ...first, exclusive: true }, callback])
    }
    const port = typeof first === 'function' ? undefined : first
    const address = typeof second === 'string' ? second : undefined
    return Reflect.apply(bind, socket, [{ port, address, exclusive: true }, callback])
  }
}
