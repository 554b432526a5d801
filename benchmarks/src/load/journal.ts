import { now } from '../clock.js'

/** What became of one new connection with its request. */
export interface Entry {
  /** The client's own address, as `127.1.0.1:40000`, by which a server knows it. */
  client: string
  /** When it was made and when its request was answered, by the clock; `null` if it was not. */
  connected: number | null
  answered: number | null
  /** What went wrong; `null` if nothing did. */
  failure: string | null
}

/** Of each new connection of a load what becomes of it. */
export class Journal {
  /** In the order in which they were begun. */
  readonly entries: Entry[] = []
  readonly #waiting = new Set<Entry>()

  /**
   * A connection is begun.
   *
   * @param client is asked a moment later, when the connection has an address
   * @returns what is to be called when something becomes of it
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

  /** How many connections have waited for an answer for so many milliseconds. */
  waiting(milliseconds: number): number {
    const before = now() - milliseconds
    return [...this.#waiting].filter(({ connected }) => (connected ?? before) < before).length
  }
}
