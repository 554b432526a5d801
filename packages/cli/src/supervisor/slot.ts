import { SuperviseError } from '../supervise-error.js'
import { countCrash, delayAfter } from './backoff.js'
import type { Worker } from './worker.js'
import type { Ending } from './worker-process.js'

/** A worker ended without being asked to. */
export interface Crash {
  worker: Worker
  ending: Ending
  /** How many in a row. */
  crashes: number
  /** In how many milliseconds the next one is started. */
  delay: number
}

/** What a slot needs from its app. */
export interface SlotOwner {
  readonly readyTimeout: number
  readonly leaveTimeout: number
  startWorker(slot: number): Worker
  onCrash(crash: Crash): void
}

/**
 * The place of one worker among those of an app. While it is open, it keeps one running; while a worker is
 * being replaced, it has two.
 */
export class Slot {
  readonly number: number
  /** How many workers were started after one that had ended by itself. */
  restarts = 0
  readonly #owner: SlotOwner
  #worker: Worker | null = null
  #next: Worker | null = null
  #crashes = 0
  #timer: NodeJS.Timeout | null = null
  #isOpen = true
  #lastVersion = 0

  constructor(number: number, owner: SlotOwner) {
    this.number = number
    this.#owner = owner
  }

  /** The worker that serves, or will; `null` while it waits for the next start. */
  get worker(): Worker | null {
    return this.#worker
  }

  /** All its processes. */
  get workers(): Worker[] {
    return [this.#worker, this.#next].filter((worker) => worker !== null)
  }

  /** Of the worker that was last installed. */
  get lastVersion(): number {
    return this.#lastVersion
  }

  /** How many workers in a row ended early. */
  get crashes(): number {
    return this.#crashes
  }

  /** Starts a worker, unless the slot has one, or will have one in a moment. */
  start(): void {
    if (!this.#isOpen || this.workers.length > 0 || this.#timer !== null) return
    this.#install(this.#owner.startWorker(this.number))
  }

  /** Takes a worker that another manager has started. */
  adopt(worker: Worker): void {
    this.#install(worker)
  }

  /**
   * Starts a worker, and has the former one leave when the new one is ready. If that does not become ready,
   * the former one stays.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY` with its last lines, `ERR_SUPERVISE_STOPPED`
   */
  async replace(): Promise<{ before: Worker | null; after: Worker }> {
    this.#requireOpen()
    this.#cancelRestart()
    const next = this.#owner.startWorker(this.number)
    this.#next = next
    const reason = await this.#waitUntilReady(next)
    this.#next = null
    if (!this.#isOpen) throw stopped()
    if (reason !== null) {
      const ending = await next.leave(this.#owner.leaveTimeout)
      // The former one has ended meanwhile, and its restart was left to this one.
      const isMissing = this.#worker === null && this.#timer === null
      if (isMissing && this.#isOpen) this.#restartLater(next, ending)
      throw notReady(next, reason)
    }
    const before = this.#worker
    this.#crashes = 0
    this.#install(next)
    await before?.leave(this.#owner.leaveTimeout)
    return { before, after: next }
  }

  /**
   * Waits until the worker that was started is ready.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY` if it ended before that, or was not ready in time
   */
  async ready(): Promise<void> {
    const worker = this.#worker
    if (worker === null) return
    const reason = await this.#waitUntilReady(worker)
    if (reason !== null) throw notReady(worker, reason)
  }

  /** Has its workers leave, and starts no more. */
  async close(): Promise<void> {
    this.#isOpen = false
    this.#cancelRestart()
    await Promise.all(this.workers.map((worker) => worker.leave(this.#owner.leaveTimeout)))
  }

  /** Leaves its workers as they are, and starts no more. */
  release(): void {
    this.#isOpen = false
    this.#cancelRestart()
  }

  #install(worker: Worker): void {
    this.#worker = worker
    this.#lastVersion = worker.version
    worker.whenEnded.then((ending) => this.#onEnd(worker, ending))
    if (worker.state === 'starting') this.#endIfSilent(worker)
  }

  /** A worker that does not become ready counts as one that ended. */
  async #endIfSilent(worker: Worker): Promise<void> {
    const reason = await this.#waitUntilReady(worker)
    // A worker that was released is the concern of another manager.
    const isOwn = this.#isOpen && worker.state === 'starting'
    if (reason !== null && isOwn) worker.kill(`${reason}, and was killed`)
  }

  #onEnd(worker: Worker, ending: Ending): void {
    if (worker !== this.#worker) return
    this.#worker = null
    // While another one is being started in its place, no further one is.
    if (this.#isOpen && this.#next === null) this.#restartLater(worker, ending)
  }

  #restartLater(worker: Worker, ending: Ending): void {
    this.#crashes = countCrash(this.#crashes, worker.age)
    const delay = delayAfter(this.#crashes)
    this.#owner.onCrash({ worker, ending, crashes: this.#crashes, delay })
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.restarts++
      this.start()
    }, delay)
  }

  #cancelRestart(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  /** Why it did not become ready; `null` if it did. */
  async #waitUntilReady(worker: Worker): Promise<string | null> {
    const { readyTimeout } = this.#owner
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      const text = `it was not ready after ${readyTimeout / 1000} s`
      timer = setTimeout(() => resolve(text), readyTimeout).unref() // The worker keeps this process alive.
    })
    try {
      return await Promise.race([
        worker.whenReady.then(() => null),
        worker.whenEnded.then((ending) => worker.describe(ending)),
        late,
      ])
    } finally {
      clearTimeout(timer)
    }
  }

  #requireOpen(): void {
    if (!this.#isOpen) throw stopped()
  }
}

function stopped(): SuperviseError {
  return new SuperviseError('ERR_SUPERVISE_STOPPED', 'the app is being stopped')
}

function notReady(worker: Worker, reason: string): SuperviseError {
  const lines = worker.lastLines()
  const output =
    lines.length === 0
      ? 'It has printed nothing.'
      : `Its last lines:\n${lines.map((line) => `  ${line}`).join('\n')}`
  const name = worker.slot === 0 ? 'the canary' : `worker ${worker.slot}`
  const who = `${name}, version ${worker.version} (pid ${worker.pid ?? 'none'})`
  return new SuperviseError(
    'ERR_SUPERVISE_NOT_READY',
    `${who} did not become ready: ${reason}. ${output}`,
  )
}
