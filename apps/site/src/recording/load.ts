import { setTimeout as delay } from 'node:timers/promises'
import { request } from '@reuse/testkit'

/** One request of a load. */
export interface Sent {
  /** When it was sent, in milliseconds since the load began. */
  time: number
  /** What it was answered with; `null` if it failed. */
  answer: string | null
  /** Why it failed. */
  reason?: string
}

/** How many requests may wait at once: on a machine that is too busy, fewer are sent than the rate says. */
const mostWaiting = 64

/** How long an answer may take, in milliseconds. */
const patience = 30_000

/** Sends requests to a port of this machine at a steady rate, each on a new connection. */
export class Load {
  readonly #start = performance.now()
  readonly #port: number
  readonly #rate: number
  readonly #requests: Promise<Sent>[] = []
  #due = 0
  #waiting = 0
  readonly #timer = setInterval(() => this.#sendWhatIsDue(), 5)

  /** @param rate requests per second */
  constructor(port: number, rate: number) {
    this.#port = port
    this.#rate = rate
  }

  /** Milliseconds since the load began. */
  get time(): number {
    return performance.now() - this.#start
  }

  /** Stops sending, and resolves with what became of all requests. */
  async stop(): Promise<Sent[]> {
    clearInterval(this.#timer)
    return Promise.all(this.#requests)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  #sendWhatIsDue(): void {
    const due = Math.floor((this.time * this.#rate) / 1000)
    for (; this.#due < due; this.#due++) {
      if (this.#waiting < mostWaiting) this.#requests.push(this.#send())
    }
  }

  async #send(): Promise<Sent> {
    const { time } = this
    this.#waiting++
    try {
      return { time, answer: await ask(this.#port) }
    } catch (error) {
      return { time, answer: null, reason: error instanceof Error ? error.message : String(error) }
    } finally {
      this.#waiting--
    }
  }
}

/** The body of an answer. @throws if there is none in time */
function ask(port: number): Promise<string> {
  const tooLate = delay(patience, undefined, { ref: false }).then(() => {
    throw new Error('no answer')
  })
  return Promise.race([request({ port }), tooLate])
}
