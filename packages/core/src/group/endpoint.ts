import { attempt } from '../lib/attempt.js'
import { isSystemFailure } from '../lib/errors.js'
import { native } from '../socket/native.js'
import { forget, whenReadable } from '../socket/poller.js'
import { Connection } from './connection.js'

/** How many connections are taken before others get their turn: any local user can make them. */
const connectionsAtOnce = 16

/** How many connections of other users may be in the process of being closed. */
const mostAside = 16

/** How long the endpoint waits after `connectionsAtOnce` connections, in milliseconds. */
const pause = 20

/** How long the endpoint waits if this process has no descriptor left, in milliseconds. */
const longPause = 500

/** Where other members connect to this one. Connections of other users are closed unread. */
export class Endpoint {
  readonly #socket: number
  readonly #onConnection: (connection: Connection) => void
  #pause: NodeJS.Timeout | undefined
  #closed = false

  /** @throws a system failure where the name is taken, or there is no descriptor left */
  constructor(name: string, onConnection: (connection: Connection) => void) {
    this.#onConnection = onConnection
    this.#socket = native.openEndpoint(name)
    try {
      native.keep(this.#socket)
    } catch (failure) {
      native.close(this.#socket)
      throw failure
    }
    this.#wait()
  }

  /** Takes the connections that have been made so far. */
  acceptNow(): void {
    if (!this.#closed && this.#pause === undefined) this.#accept()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#pause)
    forget(this.#socket)
    native.close(this.#socket)
  }

  #wait(): void {
    if (this.#closed) return
    const waits = attempt(() => whenReadable(this.#socket, () => this.#accept()) ?? true)
    if (waits === undefined) this.#waitLater(longPause)
  }

  #waitLater(milliseconds: number): void {
    this.#pause = setTimeout(() => {
      this.#pause = undefined
      this.#wait()
    }, milliseconds).unref()
  }

  #accept(): void {
    for (let count = 0; count < connectionsAtOnce; count++) {
      if (this.#closed) return
      // Another user can make closing slow, but only for a few connections.
      if (native.countAside() >= mostAside) {
        this.#waitLater(longPause)
        return
      }
      let connection: Connection | null
      try {
        const accepted = native.accept(this.#socket)
        if (accepted === null) {
          this.#wait()
          return
        }
        connection = Connection.of(accepted)
      } catch (failure) {
        if (!isSystemFailure(failure)) throw failure
        this.#waitLater(longPause)
        return
      }
      if (connection !== null) this.#onConnection(connection)
    }
    this.#waitLater(pause)
  }
}
