/**
 * This folder is the only place that uses Node's internals. The option has to be set between the
 * creation of a socket and its bind, and Node has no public way to do that, and no public way to put
 * one's own socket into a server on Windows. Everything is looked for before it is used; a version of
 * Node that no longer has it causes an explicit error.
 *
 * Read in the source of Node 20, 22, 24 and 26, and tested on each.
 */
import { ReuseError } from '../lib/errors.js'
import { native } from '../socket/native.js'

/** A handle of libuv: what Node's objects hold while they have a socket. */
export interface Handle {
  /** Takes over a socket; returns libuv's negative error number, or 0. */
  open(socket: number): number
  close(callback?: () => void): void
  /** The descriptor, on Unix. */
  readonly fd?: number
}

export function isHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    'open' in value &&
    typeof value.open === 'function' &&
    'close' in value
  )
}

/** The sockets that were given to Node, by the handle that owns each. */
const sockets = new WeakMap<object, number>()

/** Notes that a handle owns this socket, and will close it. */
export function setSocketOf(handle: Handle, socket: number): void {
  sockets.set(handle, socket)
}

/** The socket that was given to Node in this handle. */
export function socketOf(handle: unknown): number | null {
  return isHandle(handle) ? (sockets.get(handle) ?? null) : null
}

/**
 * The socket that Node itself has opened in this handle; from now on it counts as given to Node. `null`
 * if there is no descriptor: on Windows, and in a cluster worker whose primary holds it.
 */
export function takeSocketOf(handle: unknown): number | null {
  if (!isHandle(handle) || handle.fd === undefined || handle.fd < 0) return null
  sockets.set(handle, handle.fd)
  return handle.fd
}

/** Gives a socket to a handle that has none; closes the socket if that fails. */
export function giveSocketTo(handle: unknown, socket: number): Handle {
  if (!isHandle(handle)) {
    native.close(socket)
    throw missing('handle')
  }
  const failure = handle.open(socket)
  if (failure !== 0) {
    native.close(socket)
    throw new ReuseError('ERR_REUSE_UNSUPPORTED', `Node refused the socket (${failure})`, {
      hint: 'This should not happen: please report it.',
    })
  }
  sockets.set(handle, socket)
  return handle
}

export function missing(what: string): ReuseError {
  return new ReuseError(
    'ERR_REUSE_UNSUPPORTED',
    `Node ${process.version} has no ${what} where @reuse looks for it`,
    { hint: 'Use a Node version that this version of @reuse supports, and report this.' },
  )
}

/** Gives an object a property that is not enumerable. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true })
}

/** Calls back right before a handle is closed, whoever closes it. */
export function beforeClose(handle: Handle, callback: () => void): void {
  const { close } = handle
  define(handle, 'close', (done?: () => void) => {
    Reflect.deleteProperty(handle, 'close')
    callback()
    close.call(handle, done)
  })
}
