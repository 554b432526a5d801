import { channel } from 'node:diagnostics_channel'
import net from 'node:net'
import { native } from '../native.js'
import { giveSocketTo, isHandle, missing, setSocketOf, socketOf, takeSocketOf } from './handle.js'

/** What a server asks for when it comes to bind: a host name is resolved by then. */
export interface ServerBind {
  /** `null` for "any". */
  address: string | null
  port: number
  ipv6Only: boolean
  backlog: number | undefined
}

/** Of libuv's public interface, uv.h. */
const UV_TCP_IPV6ONLY = 1

/**
 * `net.Server` calls its `_listen2` to bind and listen, after it has sorted out arguments, signals
 * and names. Node keeps the name, its source says, for code that wraps this method.
 */
interface InternalServer {
  _handle: unknown
  _listen2(
    address: string | null,
    port: number | null,
    addressType: number | null,
    backlog: number | undefined,
    fd: number | null | undefined,
    flags: number | undefined,
  ): void
}

function internals(server: net.Server): InternalServer {
  if (!isInternal(server)) throw missing('net.Server#_listen2')
  return server
}

function isInternal(server: net.Server): server is net.Server & InternalServer {
  return '_handle' in server && '_listen2' in server && typeof server._listen2 === 'function'
}

/**
 * From now on `open` makes the socket whenever this server listens on a port. Paths, handles and
 * descriptors stay Node's business. What `open` throws becomes the server's 'error'.
 */
export function interceptServerBind(server: net.Server, open: (bind: ServerBind) => number): void {
  const inner = internals(server)
  const listen = inner._listen2

  inner._listen2 = (address, port, addressType, backlog, fd, flags = 0) => {
    const onPort = addressType !== -1 && typeof fd !== 'number' && !inner._handle
    if (!onPort) {
      listen.call(server, address, port, addressType, backlog, fd, flags)
      return
    }
    try {
      const ipv6Only = (flags & UV_TCP_IPV6ONLY) !== 0
      const socket = open({ address, port: port ?? 0, ipv6Only, backlog })
      if (process.platform === 'win32') {
        inner._handle = windowsHandle(socket)
        listen.call(server, address, port, addressType, backlog, undefined, flags)
      } else {
        listen.call(server, null, null, null, backlog, socket, flags)
        if (isHandle(inner._handle)) setSocketOf(inner._handle, socket)
        else native.close(socket) // Node has refused it, and says why in its own 'error'.
      }
    } catch (error) {
      channel('tracing:net.server.listen:error').publish({ server, error })
      process.nextTick(() => server.emit('error', error))
    }
  }
}

/** On Windows a server takes no descriptor, only a handle. */
function windowsHandle(socket: number): unknown {
  // Deprecated in the documentation only, and not typed: the one way to a handle.
  const binding: unknown = Reflect.get(process, 'binding')
  if (typeof binding !== 'function') throw missing('process.binding')
  const { TCP, constants } = binding.call(process, 'tcp_wrap')
  return giveSocketTo(new TCP(constants.SERVER), socket)
}

/** The socket with which a server listens, where it was given to it. */
export function serverSocket(server: net.Server): number | null {
  return socketOf(internals(server)._handle)
}

/** The socket with which a server listens already, by its own means. */
export function takeServerSocket(server: net.Server): number | null {
  return takeSocketOf(internals(server)._handle)
}

/**
 * Tells of every server that is about to listen; its options may still be changed.
 *
 * @returns a function that ends it
 */
export function onServerListen(
  callback: (server: net.Server, options: net.ListenOptions) => void,
): () => void {
  const listening = channel('tracing:net.server.listen:asyncStart')
  const subscriber = (message: unknown): void => {
    if (typeof message !== 'object' || message === null) return
    if (!('server' in message) || !(message.server instanceof net.Server)) return
    if (!('options' in message) || typeof message.options !== 'object' || !message.options) return
    callback(message.server, message.options)
  }
  listening.subscribe(subscriber)
  return () => listening.unsubscribe(subscriber)
}
