import { now } from '../clock.js'

/** What became of one new connection with its request. */
export interface Entry {
  /** The client's own address, such as `127.1.0.1:40000`, by which the server knows it. */
  client: string
  /** When it was made and when its request was answered, by the clock; `null` if it was not. */
  connected: number | null
  answered: number | null
  /** What went wrong; `null` if nothing did. */
  failure: string | null
}

/** Records what becomes of each new connection of a load. */
export class Journal {
  /** In the order in which the connections were started. */
  readonly entries: Entry[] = []
  readonly #waiting = new Set<Entry>()

  /**
   * Records that a connection is started.
   *
   * @param client is called a moment later, when the connection has an address
   * @returns functions to be called when something happens to the connection
   */
  begin(client: () => string) {
    const entry: Entry = { client: '', connected: null, answered: null, failure: null }
    this.entries.push(entry)
    process.nextTick(() => {
      entry.client = client()
    })
    return {
      connected: () => {
        entry.connected = now()
        this.#waiting.add(entry)
      },
      answered: () => {
        entry.answered = now()
        this.#waiting.delete(entry)
      },
      over: (failure: string | null) => {
        entry.failure = failure
        this.#waiting.delete(entry)
      },
    }
  }

  /** Returns how many connections have waited for an answer for longer than `milliseconds`. */
  waiting(milliseconds: number): number {
    const before = now() - milliseconds
    return [...this.#waiting].filter(({ connected }) => (connected ?? before) < before).length
  }
}
