import cluster from 'node:cluster'
import type dgram from 'node:dgram'
import { leaveOnDatagramClose } from './datagram-close.js'
import { ReuseError, rethrow } from './errors.js'
import { admitBound } from './foreign.js'
import { openListener } from './listener.js'
import { SocketMember } from './member.js'
import {
  datagramSocket,
  interceptDatagramBind,
  isClosed,
  takeDatagramSocket,
} from './node/datagram.js'
import { leaveTimeout, type ReuseOptions } from './options.js'
import { capabilities } from './platform.js'
import { requireSupport, setListenOptions, setSharing } from './sharing.js'

/** Makes a UDP socket share its port when it binds; see `setReuse`. */
export function shareDatagramSocket(socket: dgram.Socket, options: ReuseOptions): SocketMember {
  requireSupport(options, 'udp')
  if (isClosed(socket)) {
    throw new ReuseError('ERR_REUSE_NOT_LISTENING', 'the UDP socket is closed', {
      hint: 'A closed UDP socket does not bind again: make a new one.',
    })
  }
  const user = { socket: () => datagramSocket(socket) }
  const leave = leaveOnDatagramClose(socket, user.socket, options.leaveTimeout ?? leaveTimeout)
  const member = new SocketMember('udp', { ...user, leave })
  if (isBound(socket)) {
    shareBound(socket, options)
  } else {
    interceptDatagramBind(socket, (bind) =>
      openListener({ protocol: 'udp', ...bind }, options, user),
    )
    if (cluster.isWorker) bindInThisProcess(socket)
  }
  return member
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
