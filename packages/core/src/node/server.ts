import { channel } from 'node:diagnostics_channel'
import net from 'node:net'
import { native } from '../socket/native.js'
import { bindInWorker, type WorkerBind } from './cluster.js'
import {
  define,
  giveSocketTo,
  type Handle,
  isHandle,
  missing,
  setSocketOf,
  socketOf,
  takeSocketOf,
} from './handle.js'
import { IPV6ONLY } from './primary-query.js'

/** What a server asks for when it binds; a host name has already been resolved. */
export interface ServerBind {
  /** `null` for "any". */
  address: string | null
  port: number
  ipv6Only: boolean
  backlog: number | undefined
}

/**
 * `net.Server` calls its `_listen2` to bind and listen, after it has sorted out arguments, signals
 * and names. Node's source says that it keeps this name for code that wraps the method.
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

/** How a server gets its socket. */
export interface ServerBinding extends Pick<WorkerBind, 'agreesOnPort'> {
  /** Makes the socket; what it throws becomes the server's 'error'. */
  open(bind: ServerBind): number
  onListening(bind: ServerBind): void
}

/**
 * From now on, `open` makes the socket whenever this server listens on a port. Paths, handles and
 * descriptors are left to Node.
 */
export function interceptServerBind(
  server: net.Server,
  { open, onListening, agreesOnPort }: ServerBinding,
): void {
  const inner = internals(server)
  const listen = inner._listen2

  const listenShared: typeof listen = (address, port, addressType, backlog, fd, flags = 0) => {
    const onPort = addressType !== -1 && typeof fd !== 'number' && !inner._handle
    if (!onPort) {
      listen.call(server, address, port, addressType, backlog, fd, flags)
      return
    }
    try {
      const ipv6Only = (flags & IPV6ONLY) !== 0
      const bind = { address, port: port ?? 0, ipv6Only, backlog }
      const socket = open(bind)
      if (process.platform === 'win32') {
        inner._handle = windowsHandle(socket)
        listen.call(server, address, port, addressType, backlog, undefined, flags)
      } else {
        listen.call(server, null, null, null, backlog, socket, flags)
        if (isHandle(inner._handle)) setSocketOf(inner._handle, socket)
        else native.close(socket) // Node has refused it, and says why in its own 'error'.
      }
      if (inner._handle) onListening(bind)
    } catch (error) {
      channel('tracing:net.server.listen:error').publish({ server, error })
      process.nextTick(() => server.emit('error', error))
    }
  }
  define(server, '_listen2', listenShared)
  const bind: WorkerBind['bind'] = ({ address, port, addressType, backlog, flags }) =>
    inner._listen2(address, port, Number(addressType), backlog, undefined, flags)
  bindInWorker(server, { bind, agreesOnPort })
}

/** On Windows a server takes no descriptor, only a handle. */
function windowsHandle(socket: number): unknown {
  // Deprecated in the documentation only, and not typed: the only way to get a handle.
  const binding: unknown = Reflect.get(process, 'binding')
  if (typeof binding !== 'function') throw missing('process.binding')
  const { TCP, constants } = binding.call(process, 'tcp_wrap')
  return giveSocketTo(new TCP(constants.SERVER), socket)
}

/** What a server listens with: Node's own object, which outlives the close of its socket. */
export interface Listener extends Handle {
  /** What libuv calls for each connection: it passes the connection on to the server's own code. */
  onconnection(status: number, client: unknown): void
}

function isListener(handle: unknown): handle is Listener {
  return isHandle(handle) && 'onconnection' in handle
}

/** What a server listens with now. */
export function listenerOf(server: net.Server): Listener {
  const { _handle } = internals(server)
  if (!isListener(_handle)) throw missing('net.Server#_handle')
  return _handle
}

/**
 * Counts the connections that come to a listener from now on, whoever accepts them. The program would
 * see a listener for the server's own 'connection' event.
 */
export function countConnections(listener: Listener): () => number {
  const { onconnection } = listener
  let count = 0
  listener.onconnection = (status, client) => {
    if (status === 0) count++
    onconnection.call(listener, status, client)
  }
  return () => count
}

/** The type of libuv's TCP handles that are one connection, and not a listener. */
const TCP_SOCKET = 0

/** Brings an accepted connection into a server, in the same way as its own connections. */
export function giveConnection(listener: Listener, connection: number): void {
  const client = Reflect.construct(listener.constructor, [TCP_SOCKET])
  listener.onconnection(0, giveSocketTo(client, connection))
}

/** Whether a server would take one more connection. */
export function hasRoom(server: net.Server): boolean {
  const { maxConnections } = server
  if (typeof maxConnections !== 'number') return true
  return Number(Reflect.get(server, '_connections')) < maxConnections
}

/**
 * Holds back the 'close' of a server, as if one more of its connections were open.
 *
 * @returns a function that releases it
 */
export function holdClose(server: net.Server): () => void {
  // Node calls this when the listener or a connection closes, to find out whether all are closed.
  if (!('_emitCloseIfDrained' in server)) throw missing('net.Server#_emitCloseIfDrained')
  define(server, '_emitCloseIfDrained', () => {})
  return () => {
    Reflect.deleteProperty(server, '_emitCloseIfDrained')
    const emit: unknown = server._emitCloseIfDrained
    if (typeof emit === 'function') emit.call(server)
  }
}

/** The socket that was given to a server to listen with; `null` if there is none. */
export function serverSocket(server: net.Server): number | null {
  return socketOf(internals(server)._handle)
}

/** The socket with which a server already listens, and which Node itself has opened. */
export function takeServerSocket(server: net.Server): number | null {
  return takeSocketOf(internals(server)._handle)
}

interface ListenOptions {
  exclusive?: boolean
  reusePort?: boolean
}

type OnListen = (server: net.Server, options: ListenOptions) => void

const listening = channel('tracing:net.server.listen:asyncStart')
const listeners = new Set<OnListen>()

/**
 * Calls back with every server that is about to listen. The latest callback is called first: an
 * application's own options take precedence over those for the whole process.
 *
 * @returns a function that stops this
 */
export function onServerListen(callback: OnListen): () => void {
  if (listeners.size === 0) listening.subscribe(tellOfListen)
  listeners.add(callback)
  return () => {
    listeners.delete(callback)
    if (listeners.size === 0) listening.unsubscribe(tellOfListen)
  }
}

function tellOfListen(message: unknown): void {
  if (typeof message !== 'object' || message === null) return
  if (!('server' in message) || !(message.server instanceof net.Server)) return
  const options = 'options' in message ? Object(message.options) : {}
  for (const callback of [...listeners].reverse()) callback(message.server, options)
}
