import type { Queue } from '@reuse/core'
import { Program } from './program.js'
import { acceptQueues } from './queues.js'
import { Recent } from './recent.js'
import type { Side } from './sides.js'
import { Tally } from './tally.js'
import { sendRequests } from './traffic.js'

/** The time over which shares are counted, in ms. */
const span = 3_000

/** The programs that share a port, the requests to it, and what became of them. */
export class Group {
  readonly side: Side
  readonly port: number
  readonly programs: readonly Program[]
  /** By pid. */
  queues: ReadonlyMap<number, Queue> = new Map()
  readonly #signal: AbortSignal
  readonly #recent = new Recent(span, performance.now())
  readonly #tallies = new Set<Tally>()

  /** @param signal ends the programs and the requests */
  constructor(side: Side, port: number, signal: AbortSignal) {
    this.side = side
    this.port = port
    this.programs = side.files.map((file) => new Program(file, port, signal))
    this.#signal = signal
  }

  async start(): Promise<void> {
    this.#signal.addEventListener('abort', () => this.stop(), { once: true })
    await Promise.all(this.programs.map((program) => program.start()))
  }

  async stop(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()))
  }

  /** Sends requests until the signal, or this many. */
  async send(count = Number.POSITIVE_INFINITY): Promise<void> {
    await sendRequests(this.port, count, this.#signal, (outcome) => {
      for (const tally of this.#tallies) tally.add(outcome)
      if ('program' in outcome) this.#recent.add(outcome.program, performance.now())
    })
  }

  /** Starts to count what becomes of the requests. */
  count(): Tally {
    const tally = new Tally(this.programs.map(({ name }) => name))
    this.#tallies.add(tally)
    return tally
  }

  endCount(tally: Tally): void {
    this.#tallies.delete(tally)
  }

  /** Recent answers per second, by program. */
  get rates(): Map<string, number> {
    return this.#recent.rates(performance.now())
  }

  async lookAtQueues(): Promise<void> {
    this.queues = await acceptQueues(this.port)
  }
}
