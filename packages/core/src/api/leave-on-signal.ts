import { builtin } from '../lib/builtin.js'
import type { SharedTargets } from './shared-targets.js'

/** The signals that ask a program to end. */
const signals = ['SIGTERM', 'SIGINT'] as const

/** As in a container: Linux drops a signal to this process that has no handler; pid_namespaces(7). */
const isFirstProcess = process.pid === 1

/** Ends this process as the signal would. */
function endBy(signal: NodeJS.Signals): void {
  // A parent sees the number that a shell gives for the signal.
  if (isFirstProcess) process.exit(128 + builtin.os().constants.signals[signal])
  process.kill(process.pid, signal)
}

/**
 * On SIGTERM and SIGINT, gracefully shuts down a program that has no handlers of its own: its servers
 * close, active requests finish, its UDP sockets close, and then the signal ends it. A second signal
 * ends it at once.
 *
 * If the program has a handler when the signal arrives, this does nothing: the handler decides.
 */
export class LeaveOnSignal {
  readonly #targets: SharedTargets
  readonly #patience: number

  /**
   * @param targets what to close
   * @param patience how long the program may keep running, in milliseconds
   */
  constructor(targets: SharedTargets, patience: number) {
    this.#targets = targets
    this.#patience = patience
    // Runs first, so that it is already removed when another handler checks whether there are more. In
    // a thread it is never called: threads get no signals.
    for (const signal of signals) process.prependListener(signal, this.#onSignal)
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    process.off(signal, this.#onSignal)
    if (process.listenerCount(signal) > 0) return
    for (const each of signals) {
      process.off(each, this.#onSignal)
      if (isFirstProcess) process.once(each, endBy)
    }
    const end = (): void => endBy(signal)
    setTimeout(end, this.#patience)
    this.#targets.closeAll().then(end, end)
  }
}
