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

  let expected: ExpectedError | null = null

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
    } catch (failure) {
      const error = expectBindError(socket, failure)
      expected = error
      // Node emits or throws it immediately. A later error is about something else.
      process.nextTick(() => {
        error.forget()
        if (expected === error) expected = null
      })
      return error.errno
    }
  }

  define(own, 'bind', (address: string, port: unknown, flags: number) => {
    const outcome = bind(own, address, port, flags)
    if (typeof outcome === 'number') return outcome
    onBound(outcome)
    return 0
  })
  completeThrownErrors(socket, (error) => {
    const known = expected
    expected = null
    known?.forget()
    return known?.complete(error) ?? error
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

/** `bindSync`, where this Node has it, throws its error instead of emitting it. */
function completeThrownErrors(socket: dgram.Socket, complete: (error: Error) => Error): void {
  if (!('bindSync' in socket) || typeof socket.bindSync !== 'function') return
  const { bindSync } = socket
  define(socket, 'bindSync', (...args: unknown[]): unknown => {
    try {
      return bindSync.apply(socket, args)
    } catch (error) {
      throw error instanceof Error ? complete(error) : error
    }
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

/** The error that Node makes next, from the number of a bind that failed. */
interface ExpectedError {
  /** libuv's number. */
  errno: number
  /** Adds what else is known; or another error, if there is no number for it. */
  complete(made: Error): Error
  /** The socket does not emit it any more. */
  forget(): void
}

/** From now on, the error that a UDP socket emits next says all that is known about a bind that failed. */
function expectBindError(socket: dgram.Socket, known: unknown): ExpectedError {
  if (!(known instanceof Error)) throw known
  const errno = 'errno' in known && typeof known.errno === 'number' ? known.errno : null
  const complete = (made: Error): Error => {
    if (errno === null) return known
    const bind = failedBindOf(known)
    if (bind !== undefined) noteFailedBind(made, bind)
    const hint = 'hint' in known && typeof known.hint === 'string' ? known.hint : undefined
    return hint === undefined ? made : addHint(made, hint)
  }
  const forget = errno === null ? replaceError(socket, known) : observeError(socket, complete)
  return { errno: errno ?? errnoOf('EINVAL'), complete, forget }
}

/** By a monitor, so that an 'error' that nobody listens for is still thrown. Returns what stops this. */
function observeError(emitter: EventEmitter, observe: (emitted: Error) => void): () => void {
  emitter.once(errorMonitor, observe)
  return () => emitter.off(errorMonitor, observe)
}

/** Replaces the error that Node emits next. Returns what stops this. */
function replaceError(emitter: EventEmitter, error: Error): () => void {
  const own = Object.getOwnPropertyDescriptor(emitter, 'emit')
  const replacement: EventEmitter['emit'] = (event, ...args) => {
    stop()
    return event === 'error' ? emitter.emit(event, error) : emitter.emit(event, ...args)
  }
  const stop = (): void => {
    if (emitter.emit !== replacement) return
    Reflect.deleteProperty(emitter, 'emit')
    if (own !== undefined) Object.defineProperty(emitter, 'emit', own)
  }
  emitter.emit = replacement
  return stop
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
