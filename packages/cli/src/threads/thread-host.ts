import { countCrash, crashLoop, delayAfter } from '../supervisor/backoff.js'
import type { HostOptions } from '../supervisor/host-messages.js'
import { AppThread, type AppThreadOptions, type ThreadEnd } from './app-thread.js'

/** What a host reports about its threads. */
export interface HostOwner {
  /** All threads begin to run their script. */
  onStarted(): void
  /** All threads serve. */
  onReady(): void
  /** A thread that ended by itself has been started again. */
  onRestart(): void
  /** Something that readers of the process' output should know. */
  note(text: string): void
  /** No thread is left that could go on: the process is to end with this code. */
  onEnd(code: number): void
}

/**
 * The threads of an app in this process.
 *
 * - `starting`: until all of them serve. If one ends before that, the others leave and the process ends:
 *   whoever started the process decides whether to try again.
 * - `running`: a thread that ends is started again, unless it was the last one. The others go on.
 * - `leaving`: no more threads are started.
 */
export class ThreadHost {
  readonly #options: HostOptions & AppThreadOptions
  readonly #owner: HostOwner
  #state: 'starting' | 'running' | 'leaving' = 'starting'
  readonly #living = new Set<AppThread>()
  /** How many times in a row each has ended early, by its number. */
  readonly #crashes = new Map<number, number>()

  constructor(options: HostOptions & AppThreadOptions, owner: HostOwner) {
    this.#options = options
    this.#owner = owner
  }

  start(): void {
    const { threads, hangTimeout } = this.#options
    const all = Array.from({ length: threads }, (_, index) => this.#startThread(index + 1))
    Promise.all(all.map(({ whenStarted }) => whenStarted)).then(() => this.#owner.onStarted())
    Promise.all(all.map(({ whenReady }) => whenReady)).then(() => this.setReady())
    if (hangTimeout === null) return
    setInterval(() => {
      for (const thread of this.#living) thread.ping(hangTimeout)
    }, hangTimeout / 2)
  }

  /** The threads serve, or do whatever else they do. */
  setReady(): void {
    if (this.#state !== 'starting') return
    this.#state = 'running'
    this.#owner.onReady()
  }

  /** Has all threads leave. Resolves when they have ended, or when the time is up. */
  async leave(): Promise<void> {
    this.#state = 'leaving'
    for (const thread of this.#living) thread.leave()
    let timer: NodeJS.Timeout | undefined
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.leaveTimeout)
    })
    await Promise.race([Promise.all([...this.#living].map(({ whenEnded }) => whenEnded)), late])
    clearTimeout(timer)
  }

  #startThread(number: number): AppThread {
    const thread = new AppThread(this.#options)
    this.#living.add(thread)
    thread.whenEnded.then((end) => {
      this.#living.delete(thread)
      if (this.#state !== 'leaving') this.#onCrash(number, thread, end)
    })
    return thread
  }

  #onCrash(number: number, { age }: AppThread, { code, reason }: ThreadEnd): void {
    const what = `thread ${number} ended unexpectedly: ${reason}`
    if (this.#state === 'starting' || this.#living.size === 0) {
      this.#owner.note(`${what}; its process ends`)
      this.leave().then(() => this.#owner.onEnd(code))
      return
    }
    const crashes = countCrash(this.#crashes.get(number) ?? 0, age)
    this.#crashes.set(number, crashes)
    const delay = delayAfter(crashes)
    this.#owner.note(`${what}; it restarts in ${delay / 1000} s`)
    if (crashes >= crashLoop) {
      this.#owner.note(
        `thread ${number} has ended ${crashes} times in a row: it is restarted less and less often`,
      )
    }
    setTimeout(() => {
      if (this.#state !== 'running') return
      this.#startThread(number)
      this.#owner.onRestart()
    }, delay)
  }
}
