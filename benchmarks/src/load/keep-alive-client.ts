import { Connection, type Target } from './connection.js'
import { countFailure, type Tally } from './tally.js'

/** The shortest and the longest pause of a client between two requests, in milliseconds. */
const rest = { least: 20, most: 80 }

/**
 * A client that keeps its connection until the server says that it will close it, and then makes
 * another. It retries nothing: a request that is sent just as the connection closes has failed.
 */
export class KeepAliveClient {
  readonly #target: Target
  readonly #tally: Tally
  #connection: Connection | null = null
  #timer: NodeJS.Timeout | undefined
  #stopping = false

  constructor(target: Target, tally: Tally) {
    this.#target = target
    this.#tally = tally
    this.#requestSoon()
  }

  /** Whether a client that was told to stop has done so. */
  get isOver(): boolean {
    return this.#stopping && this.#connection === null
  }

  /** Stops the client; a request in flight is still completed. */
  stop(): void {
    this.#stopping = true
    if (this.#connection?.open) this.#connection.end()
  }

  #requestSoon(): void {
    const time = rest.least + Math.random() * (rest.most - rest.least)
    clearTimeout(this.#timer) // It still runs if an idle connection has ended by itself.
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
        if (close) return // The server ends the connection, which is handled below.
        if (this.#stopping) connection.end()
        else this.#requestSoon()
      },
      over: (failure) => {
        if (failure !== null) countFailure(this.#tally.failed, failure)
        this.#connection = null
        this.#requestSoon()
      },
    })
    this.#connection = connection
  }
}
