import { builtin } from './builtin.js'

/**
 * Every code of a {@link ReuseError}. The README has the same table, with what to do.
 *
 * - `ERR_REUSE_ADDON`: the native part could not be loaded.
 * - `ERR_REUSE_ALREADY_SHARED`: setReuse was called twice on one target.
 * - `ERR_REUSE_FOREIGN_PROGRAM`: another program is on the port, and `only: 'same-program'` is set.
 * - `ERR_REUSE_INHERITED`: LISTEN_FDS does not describe the descriptors that are there.
 * - `ERR_REUSE_NOT_LISTENING`: the member has no socket now: not listening yet, or closed.
 * - `ERR_REUSE_UNSUPPORTED`: this system, this version of Node, or this kind of socket cannot do it.
 */
export type ReuseErrorCode =
  | 'ERR_REUSE_ADDON'
  | 'ERR_REUSE_ALREADY_SHARED'
  | 'ERR_REUSE_FOREIGN_PROGRAM'
  | 'ERR_REUSE_INHERITED'
  | 'ERR_REUSE_NOT_LISTENING'
  | 'ERR_REUSE_UNSUPPORTED'

/** What `@reuse` itself refuses. `code` is stable, `hint` says what to do. */
export class ReuseError extends Error {
  /** Which refusal it is; stable. */
  readonly code: ReuseErrorCode
  /** What to do about it, in a sentence; the message ends with it too. */
  readonly hint: string

  /**
   * @param code which refusal it is
   * @param message what happened, to what; without a full stop
   * @param options what to do about it, and the error that it came from
   */
  constructor(
    code: ReuseErrorCode,
    message: string,
    { hint, cause }: { hint: string; cause?: unknown },
  ) {
    super(`${message}. ${hint}`, cause === undefined ? undefined : { cause })
    this.name = 'ReuseError'
    this.code = code
    this.hint = hint
  }
}

/** What the addon throws when a system call fails. `errno` is the system's own, positive number. */
export interface SystemFailure extends Error {
  errno: number
  syscall: string
}

export function isSystemFailure(error: unknown): error is SystemFailure {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    error.errno > 0 &&
    'syscall' in error &&
    typeof error.syscall === 'string'
  )
}

/** Whether a system call has failed, in whatever shape it is told. */
export function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** A failed system call, in the shape that Node gives its own, with a hint. */
export interface SystemError extends Error {
  /** As libuv names it, e.g. `EADDRINUSE`. */
  code: string
  /** As libuv numbers it: negative. */
  errno: number
  /** What failed, as Node names it: `listen`, `bind`. */
  syscall: string
  /** The address that it was about. */
  address?: string
  /** The port that it was about. */
  port?: number
  /** Why, and what to do about it, in a sentence or two; the message's second line too. */
  hint?: string
}

/** The names that were asked for: an empty queue is one error each time. */
const errorNames = new Map<number, string>()

/** The name of a system error number: `EADDRINUSE` for 98 on Linux and for 10048 on Windows. */
export function errorName(errno: number): string {
  const name = errorNames.get(errno) ?? findErrorName(errno)
  errorNames.set(errno, name)
  return name
}

function findErrorName(errno: number): string {
  const names = Object.entries(builtin.os().constants.errno)
  // Windows numbers the C library's errors and the socket calls' own (WSA...) side by side.
  const name = names.find(([, number]) => number === errno)?.[0]
  return name?.replace(/^WSA/, '') ?? 'UNKNOWN'
}

/** libuv's number and text of an error, by its name. */
function describe(code: string): { errno: number; text: string } {
  for (const [errno, [name, text]] of builtin.util().getSystemErrorMap()) {
    if (name === code) return { errno, text }
  }
  return { errno: -1, text: 'unknown error' }
}

/** libuv's number of an error, by its name: negative, and on Windows not the system's own. */
export function errnoOf(code: string): number {
  return describe(code).errno
}

export interface Circumstances {
  /** The operation as Node names it, where that is not the system call's own name. */
  syscall?: string
  /** The error as Node names it, where that is not the system's own name. */
  code?: string
  address?: string
  port?: number
  hint?: string
}

/** Gives the addon's failure Node's shape: `listen EADDRINUSE: address already in use ::1:3000`. */
export function systemError(failure: SystemFailure, about: Circumstances = {}): SystemError {
  const { syscall = failure.syscall, code = errorName(failure.errno), address, port, hint } = about
  const { errno, text } = describe(code)
  let where = ''
  if (address !== undefined) where = port ? ` ${address}:${port}` : ` ${address}`

  const error = Object.assign(new Error(`${syscall} ${code}: ${text}${where}`), {
    code,
    errno,
    syscall,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
  })
  return hint === undefined ? error : addHint(error, hint)
}

/** Gives an error a hint, and a second line of its message: whoever prints it shows the hint. */
export function addHint<T extends Error>(error: T, hint: string): T & { hint: string } {
  const { message, stack } = error // Read first: the stack begins with the message of that moment.
  error.message = `${message}\n${hint}`
  const value = stack?.replace(message, () => error.message)
  Object.defineProperty(error, 'stack', { value, writable: true, configurable: true })
  return Object.assign(error, { hint })
}

/** Runs system calls; gives a failure Node's shape. */
export function rethrow<T>(call: () => T, about?: Circumstances): T {
  try {
    return call()
  } catch (failure) {
    throw isSystemFailure(failure) ? systemError(failure, about) : failure
  }
}
