/**
 * This folder is the only place that knows what Node keeps to itself. Node offers no public window
 * between the making of a socket and its bind, in which the option has to be set, and no public way
 * to put a socket of one's own into a server on Windows. Everything is looked for before it is
 * used; a Node that no longer has it is an explicit error.
 *
 * Read in the source of Node 20, 22, 24 and 26, and tested on each.
 */
import { ReuseError } from '../lib/errors.js'
import { native } from '../socket/native.js'

/** A handle of libuv: what Node's objects hold while they have a socket. */
export interface Handle {
  /** Takes over a socket; gives libuv's negative error number, or 0. */
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

/** Notes that a handle owns this socket, and closes it in its own time. */
export function setSocketOf(handle: Handle, socket: number): void {
  sockets.set(handle, socket)
}

/** The socket that was given to Node in this handle. */
export function socketOf(handle: unknown): number | null {
  return isHandle(handle) ? (sockets.get(handle) ?? null) : null
}

/**
 * The socket that Node itself has opened in this handle, which counts as given from now on. `null`
 * where there is no descriptor: on Windows, and in a cluster worker whose primary holds it.
 */
export function takeSocketOf(handle: unknown): number | null {
  if (!isHandle(handle) || handle.fd === undefined || handle.fd < 0) return null
  sockets.set(handle, handle.fd)
  return handle.fd
}

/** Gives a socket to a handle that has none; closes it where that fails. */
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

/** Gives an object a property that nobody meets who lists its properties. */
export function define(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, configurable: true })
}

/** Calls back right before a handle is closed, by whomever. */
export function beforeClose(handle: Handle, callback: () => void): void {
  const { close } = handle
  define(handle, 'close', (done?: () => void) => {
    Reflect.deleteProperty(handle, 'close')
    callback()
    close.call(handle, done)
  })
}
