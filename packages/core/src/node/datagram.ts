import type dgram from 'node:dgram'
import { channel } from 'node:diagnostics_channel'
import { type EventEmitter, errorMonitor } from 'node:events'
import { builtin } from '../lib/builtin.js'
import { addHint, errnoOf } from '../lib/errors.js'
import { failedBindOf, noteFailedBind } from '../socket/failed-bind.js'
import { type Datagram, native } from '../socket/native.js'
import { bindInWorker, type WorkerBind } from './cluster.js'
import {
  beforeClose,
  define,
  giveSocketTo,
  type Handle,
  isHandle,
  missing,
  socketOf,
  takeSocketOf,
} from './handle.js'
import { IPV6ONLY } from './primary-query.js'

/** What a UDP socket asks for when it binds; a host name has already been resolved. */
export interface DatagramBind {
  address: string
  port: number
  ipv6Only: boolean
  /** Whether the socket was made with `reuseAddr`. */
  reuseAddress: boolean
}

/** From libuv's public interface, uv.h. */
const UV_UDP_REUSEADDR = 4

interface DatagramHandle extends Handle {
  bind(address: string, port: unknown, flags: number): number
}

function isDatagramHandle(handle: unknown): handle is DatagramHandle {
  return isHandle(handle) && 'bind' in handle && typeof handle.bind === 'function'
}

/** The handle of a UDP socket; `null` after its close. */
function handleOf(socket: dgram.Socket): unknown {
  const symbols = Object.getOwnPropertySymbols(socket)
  const symbol = symbols.find(({ description }) => description === 'state symbol')
  const state: unknown = symbol && Reflect.get(socket, symbol)
  if (typeof state !== 'object' || !state || !('handle' in state)) throw missing('UDP state')
  return state.handle
}

/** How a UDP socket is bound. */
export interface DatagramBinding extends Pick<WorkerBind, 'agreesOnPort'> {
  /** Makes the socket; what it throws becomes the 'error' of Node's socket. */
  open(bind: DatagramBind): number
  onBound(bind: DatagramBind): void
}

/** From now on, `open` makes the system's socket when this UDP socket binds. */
export function interceptDatagramBind(
  socket: dgram.Socket,
  { open, onBound, agreesOnPort }: DatagramBinding,
): void {
  const own = handleOf(socket)
  if (!isDatagramHandle(own)) throw missing('UDP handle')

  /** Returns libuv's negative error number, or what the handle is bound to. */
  function bind(handle: Handle, address: string, port: unknown, flags = 0): number | DatagramBind {
    // Node leaves the check of the port to the handle: for `bind(callback)` this is a function.
    const number = Number(port) >>> 0
    if (number > 65535) return errnoOf('EINVAL')
    const reuseAddress = (flags & UV_UDP_REUSEADDR) !== 0
    const ipv6Only = (flags & IPV6ONLY) !== 0
    try {
      const request = { address, port: number, ipv6Only, reuseAddress }
      const descriptor = open(request)
      keepOptions(descriptor, () => giveSocketTo(handle, descriptor))
      return request
    } catch (error) {
      return reportBindError(socket, error)
    }
  }

  define(own, 'bind', (address: string, port: unknown, flags: number) => {
    const outcome = bind(own, address, port, flags)
    if (typeof outcome === 'number') return outcome
    onBound(outcome)
    return 0
  })
  bindInWorker(socket, {
    agreesOnPort,
    bind({ address, port, flags }, answer) {
      // Node replaces the socket's own handle with the one in the answer.
      const handle = Reflect.construct(own.constructor, [])
      const outcome = bind(handle, address ?? '', port, flags)
      answer(typeof outcome === 'number' ? outcome : 0, handle)
      if (typeof outcome !== 'number' && handleOf(socket) === handle) onBound(outcome)
    },
  })
}

/** Calls back right before a UDP socket is closed. */
export function beforeDatagramClose(socket: dgram.Socket, callback: () => void): void {
  const handle = handleOf(socket)
  if (isDatagramHandle(handle)) beforeClose(handle, callback)
}

/** Delivers a datagram to a UDP socket, in the same way as its own datagrams. */
export function deliverDatagram(socket: dgram.Socket, datagram: Datagram): void {
  const handle = handleOf(socket)
  if (!isDatagramHandle(handle) || !('onmessage' in handle)) return // It is closed.
  const { data, address, port, family } = datagram
  if (typeof handle.onmessage !== 'function') throw missing('UDP onmessage')
  handle.onmessage(data.length, handle, data, { address, family: `IPv${family}`, port })
}

/** Stops a UDP socket from receiving; it can still send. */
export function stopReceiving(socket: dgram.Socket): void {
  const handle = handleOf(socket)
  if (!isDatagramHandle(handle) || !('recvStop' in handle)) return
  if (typeof handle.recvStop === 'function') handle.recvStop()
}

/**
 * On Unix, libuv lets the UDP sockets that it is given share their port: on Linux by SO_REUSEADDR,
 * which admits the sockets of any user, and on macOS by SO_REUSEPORT, which an exclusive socket must
 * not have. Nobody asked for that, so this restores the options.
 */
function keepOptions(descriptor: number, change: () => void): void {
  const names = process.platform === 'win32' ? [] : (['SO_REUSEADDR', 'SO_REUSEPORT'] as const)
  const before = names.map((name) => [name, native.getOption(descriptor, name)] as const)
  change()
  for (const [name, value] of before) native.setOption(descriptor, name, value === 0 ? 0 : 1)
}

/** Node makes the error from the number that it gets; what else we know is added when it is emitted. */
function reportBindError(socket: dgram.Socket, error: unknown): number {
  if (!(error instanceof Error)) throw error
  const emitter: EventEmitter = socket
  if (!('errno' in error) || typeof error.errno !== 'number') {
    replaceError(emitter, error)
    return errnoOf('EINVAL')
  }
  const hint = 'hint' in error && typeof error.hint === 'string' ? error.hint : undefined
  // A monitor, so that an 'error' that nobody listens for is still thrown.
  emitter.once(errorMonitor, (emitted: Error) => {
    const bind = failedBindOf(error)
    if (bind !== undefined) noteFailedBind(emitted, bind)
    if (hint !== undefined) addHint(emitted, hint)
  })
  return error.errno
}

/** Replaces the error that Node emits next with one for which there is no number. */
function replaceError(emitter: EventEmitter, error: Error): void {
  const own = Object.getOwnPropertyDescriptor(emitter, 'emit')
  emitter.emit = (event, ...args) => {
    Reflect.deleteProperty(emitter, 'emit')
    if (own !== undefined) Object.defineProperty(emitter, 'emit', own)
    return event === 'error' ? emitter.emit(event, error) : emitter.emit(event, ...args)
  }
}

/** Whether a UDP socket is closed for good. */
export function isClosed(socket: dgram.Socket): boolean {
  return handleOf(socket) === null
}

/** The descriptor that was given to a UDP socket; `null` if there is none. */
export function datagramSocket(socket: dgram.Socket): number | null {
  return socketOf(handleOf(socket))
}

/** The descriptor of a UDP socket that Node itself has already bound. */
export function takeDatagramSocket(socket: dgram.Socket): number | null {
  return takeSocketOf(handleOf(socket))
}

/**
 * Calls back with every UDP socket when it is created.
 *
 * @returns a function that stops this
 */
export function onDatagramSocket(callback: (socket: dgram.Socket) => void): () => void {
  const made = channel('udp.socket')
  const subscriber = (message: unknown): void => {
    if (typeof message !== 'object' || message === null || !('socket' in message)) return
    if (message.socket instanceof builtin.dgram().Socket) callback(message.socket)
  }
  made.subscribe(subscriber)
  return () => made.unsubscribe(subscriber)
}
