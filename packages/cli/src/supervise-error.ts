/**
 * Every code of a {@link SuperviseError}. The README has the same table, with what to do.
 *
 * - `ERR_SUPERVISE_RUNNING`: another manager runs this app.
 * - `ERR_SUPERVISE_NOT_READY`: a worker ended before it was ready, or was not ready in time.
 * - `ERR_SUPERVISE_CANARY`: the app has a canary, which must be promoted or rolled back first.
 * - `ERR_SUPERVISE_NO_CANARY`: the app has no canary.
 * - `ERR_SUPERVISE_STOPPED`: the app is being stopped, or has been.
 * - `ERR_SUPERVISE_STATE`: the folder of the app's state cannot be used.
 * - `ERR_SUPERVISE_UNSUPPORTED`: this system cannot do what was asked.
 */
export type SuperviseErrorCode =
  | 'ERR_SUPERVISE_RUNNING'
  | 'ERR_SUPERVISE_NOT_READY'
  | 'ERR_SUPERVISE_CANARY'
  | 'ERR_SUPERVISE_NO_CANARY'
  | 'ERR_SUPERVISE_STOPPED'
  | 'ERR_SUPERVISE_STATE'
  | 'ERR_SUPERVISE_UNSUPPORTED'

/** A refusal by `supervise()` or a supervisor's method. `code` is stable; the message says what to do. */
export class SuperviseError extends Error {
  /** Why it was refused; stable. */
  readonly code: SuperviseErrorCode

  constructor(code: SuperviseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SuperviseError'
    this.code = code
  }
}
