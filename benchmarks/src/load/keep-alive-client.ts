import { Connection, type Target } from './connection.js'
import type { Tally } from './tally.js'

/** A client rests between two requests for a time between these, in milliseconds. */
const rest = { least: 20, most: 80 }

/**
 * A client that keeps its connection until the server says that it ends, and then makes another.
 * It tries nothing twice: a request that meets a connection as it closes has failed.
 */
export class KeepAliveClient {
  readonly #target: Target
  readonly #tally: Tally
  readonly #onFailure: (what: string) => void
  #connection: Connection | null = null
  #timer: NodeJS.Timeout | undefined
  #stopping = false

  constructor(target: Target, tally: Tally, onFailure: (what: string) => void) {
    this.#target = target
    this.#tally = tally
    this.#onFailure = onFailure
    this.#requestSoon()
  }

  /** Whether a client that was told to stop has done so. */
  get isOver(): boolean {
    return this.#stopping && this.#connection === null
  }

  /** A request that is on its way comes to its end. */
  stop(): void {
    this.#stopping = true
    if (this.#connection?.open) this.#connection.end()
  }

  #requestSoon(): void {
    const time = rest.least + Math.random() * (rest.most - rest.least)
    clearTimeout(this.#timer) // One that waits for a connection which has ended by itself.
    this.#timer = setTimeout(() => this.#request(), time)
  }

  #request(): void {
    if (this.#stopping) return
    if (this.#connection?.open) this.#connection.request('keep')
    else if (this.#connection === null) this.#connect()
  }

  #connect(): void {
    this.#tally.connections++
    const connection = new Connection(this.#target, {
      connected: () => connection.request('keep'),
      answered: (close) => {
        this.#tally.answered++
        if (close) return // The server ends the connection, and that is seen below.
        if (this.#stopping) connection.end()
        else this.#requestSoon()
      },
      over: (failure) => {
        if (failure !== null) this.#onFailure(failure)
        this.#connection = null
        this.#requestSoon()
      },
    })
    this.#connection = connection
  }
}
