import type { Endpoint } from './address.js'

/** A bind that failed, or that is asked about. */
export interface BindAttempt extends Endpoint {
  /** Whether it asked to share the port, or to have it alone; `'nothing'` is how Node binds. */
  asked: 'sharing' | 'exclusive' | 'nothing'
}

/** Not a property of the error: everybody who prints the error would see it. */
const binds = new WeakMap<Error, BindAttempt>()

/** Notes which bind an error is about. */
export function noteFailedBind<T extends Error>(error: T, bind: BindAttempt): T {
  binds.set(error, bind)
  return error
}

/** The bind that an error is about, if it was noted. */
export function failedBindOf(error: Error): BindAttempt | undefined {
  return binds.get(error)
}
