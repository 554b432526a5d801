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

/** Thrown when `@reuse` itself refuses something. `code` is stable; `hint` says what to do. */
export class ReuseError extends Error {
  /** The kind of refusal; stable. */
  readonly code: ReuseErrorCode
  /** What to do about it, in a sentence or two. The message also ends with it. */
  readonly hint: string

  /**
   * @param code the kind of refusal
   * @param message what happened, and to what; without a full stop
   * @param options what to do about it, and the error that caused it
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

/** Whether an error reports a failed system call, whatever its shape. */
export function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

/** A failed system call, in the shape of Node's own errors, with a hint. */
export interface SystemError extends Error {
  /** The name of the error in libuv, e.g. `EADDRINUSE`. */
  code: string
  /** The number of the error in libuv: negative. */
  errno: number
  /** The operation that failed, as Node names it: `listen`, `bind`. */
  syscall: string
  /** The address that the operation was about. */
  address?: string
  /** The port that the operation was about. */
  port?: number
  /** Why it failed and what to do, in a sentence or two. It is also the message's second line. */
  hint?: string
}

/** The names that were looked up before: the same error may come again and again. */
const errorNames = new Map<number, string>()

/** The name of a system error number: `EADDRINUSE` for 98 on Linux and for 10048 on Windows. */
export function errorName(errno: number): string {
  const name = errorNames.get(errno) ?? findErrorName(errno)
  errorNames.set(errno, name)
  return name
}

function findErrorName(errno: number): string {
  const names = Object.entries(builtin.os().constants.errno)
  // Windows has separate numbers for the C library's errors and for those of socket calls (WSA...).
  const name = names.find(([, number]) => number === errno)?.[0]
  return name?.replace(/^WSA/, '') ?? 'UNKNOWN'
}

/** libuv's number and text for an error, by its name. */
function describe(code: string): { errno: number; text: string } {
  for (const [errno, [name, text]] of builtin.util().getSystemErrorMap()) {
    if (name === code) return { errno, text }
  }
  return { errno: -1, text: 'unknown error' }
}

/** libuv's number for an error, by its name: negative, and on Windows not the system's own. */
export function errnoOf(code: string): number {
  return describe(code).errno
}

export interface Circumstances {
  /** The operation as Node names it, if that is not the system call's own name. */
  syscall?: string
  /** The error as Node names it, if that is not the system's own name. */
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

/** Adds a hint to an error, and to its message as a second line: whoever prints the error shows it. */
export function addHint<T extends Error>(error: T, hint: string): T & { hint: string } {
  const { message, stack } = error // Read first: the stack begins with the old message.
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
