import { errorName, isSystemFailure, rethrow, systemError } from '../lib/errors.js'
import { native } from './native.js'

/** How long to wait if the receiver is behind, in milliseconds, and how often to try. */
const pause = { time: 10, count: 100 }

/**
 * Tells a service manager, usually systemd, how a service is doing, and gives it descriptors to
 * keep; sd_notify(3). Linux only.
 */
export class Notifier {
  readonly #socket: number
  #last: Promise<unknown> = Promise.resolve()

  /**
   * @param path the value of the variable NOTIFY_SOCKET: a path, or an abstract name after an `@`
   * @throws a system error if nobody listens there
   */
  constructor(path: string) {
    const hint = `NOTIFY_SOCKET is ${path}, and nothing is listening there: unset it to run without a service manager.`
    this.#socket = rethrow(() => native.connectNotifier(path), { hint })
  }

  /**
   * Sends a state: lines of the form `NAME=value`. What is sent first arrives first.
   *
   * @param descriptor a descriptor to send with it, as a duplicate
   * @throws a system error if it cannot be sent within a second
   */
  send(state: string, descriptor: number | null = null): Promise<void> {
    const sent = this.#last.then(() => this.#send(state, descriptor))
    this.#last = sent.catch(() => {}) // Its sender gets the error.
    return sent
  }

  /** Ends the connection; what was sent has arrived. */
  close(): void {
    native.close(this.#socket)
  }

  async #send(state: string, descriptor: number | null): Promise<void> {
    for (let count = 1; !this.#trySend(state, descriptor, count === pause.count); count++) {
      await new Promise((resolve) => setTimeout(resolve, pause.time))
    }
  }

  /** Returns whether there was room for it. */
  #trySend(state: string, descriptor: number | null, isLast: boolean): boolean {
    try {
      native.send(this.#socket, state, descriptor)
      return true
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      if (isLast || errorName(failure.errno) !== 'EAGAIN') throw systemError(failure)
      return false
    }
  }
}
