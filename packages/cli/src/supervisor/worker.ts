import type { NamedMember } from '@reuse/core/group'
import { catches } from '../state/caught-signals.js'
import type { ProcessIdentity } from '../state/process-identity.js'
import type { Readiness } from './launch.js'
import type { Output } from './worker-output.js'
import type { Ending, WorkerProcess } from './worker-process.js'

/**
 * - `starting`: it runs, and is not known to serve.
 * - `ready`: it serves.
 * - `leaving`: it was asked to end.
 * - `ended`: its process is gone.
 */
export type WorkerState = 'starting' | 'ready' | 'leaving' | 'ended'

/** What does not change about a worker. */
export interface WorkerFacts {
  /** Counts the starts of the app's workers. */
  id: number
  /** Its place among the app's workers, from 1 on: its successor has the same. */
  slot: number
  /** Counts the reloads of the app. */
  version: number
  /** What it is; see `definitionOf`. */
  definition: string
}

/** One process of an app, from its start to its end. */
export class Worker {
  readonly id: number
  readonly slot: number
  readonly version: number
  readonly definition: string
  readonly startedAt = performance.now()
  /** Resolves when it serves; never, if it ends before that. */
  readonly whenReady: Promise<void>
  /** Resolves when it has ended, and all that it wrote is read. */
  readonly whenEnded: Promise<Ending>
  /** The groups of which it is a member, with their addresses. */
  groups: ReadonlyMap<string, string> = new Map()
  /** What it is as a member: one for each socket. An answer from one of these shows that it is awake. */
  members: readonly NamedMember[] = []
  readonly #process: WorkerProcess
  readonly #output: Output
  readonly #onLeaving: () => void
  #state: WorkerState = 'starting'
  #becomeReady = (): void => {}
  #whyKilled: string | null = null

  /** @param onLeaving called right before it is asked to end */
  constructor(
    { id, slot, version, definition }: WorkerFacts,
    process: WorkerProcess,
    output: Output,
    onLeaving: () => void,
  ) {
    this.id = id
    this.slot = slot
    this.version = version
    this.definition = definition
    this.#process = process
    this.#output = output
    this.#onLeaving = onLeaving
    this.whenReady = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
    process.saidReady?.then(() => this.setReady())
    this.whenEnded = process.ended.then((ending) => {
      this.#state = 'ended'
      this.groups = new Map()
      this.members = []
      output.close()
      return ending
    })
  }

  get state(): WorkerState {
    return this.#state
  }

  get identity(): ProcessIdentity | null {
    return this.#process.identity
  }

  /** `null` if it could not be started. */
  get pid(): number | null {
    return this.identity?.pid ?? null
  }

  /** Whether processes that it leaves behind when it ends should live on. */
  get keepsGroup(): boolean {
    return this.#process.keepsGroup
  }

  get readiness(): Readiness {
    return this.#process.readiness
  }

  /** How long its program has run, in milliseconds; 0 if its threads have not begun yet. */
  get runtime(): number {
    const { startedAt } = this.#process
    return startedAt === null ? 0 : performance.now() - startedAt
  }

  /** How many of its threads listen. */
  get threads(): number {
    const counts = new Map<string, number>()
    for (const { key } of this.members) counts.set(key, (counts.get(key) ?? 0) + 1)
    return Math.max(0, ...counts.values())
  }

  /** How often one of its threads was started again; `null` if it has none, or another manager started it. */
  get threadRestarts(): number | null {
    return this.#process.threadRestarts
  }

  /** How long it has lived, in milliseconds. */
  get age(): number {
    return performance.now() - this.startedAt
  }

  /** Call this when it is known to serve. */
  setReady(): void {
    if (this.#state !== 'starting') return
    this.#state = 'ready'
    this.#process.tellReady()
    this.#becomeReady()
  }

  /** Call this when an earlier manager has asked it to end. */
  setLeaving(): void {
    this.#state = 'leaving'
  }

  /** Asks it to end, once; kills it, and all that it has started, when the time is up. */
  async leave(timeout: number): Promise<Ending> {
    if (this.#state === 'starting' || this.#state === 'ready') {
      this.#state = 'leaving'
      this.#onLeaving()
      this.#process.askToLeave()
    }
    const timer = setTimeout(() => this.kill(), timeout)
    try {
      return await this.whenEnded
    } finally {
      clearTimeout(timer)
    }
  }

  /** Sends it a signal, unless it is known to have no handler, so that the signal would end it. */
  signal(signal: NodeJS.Signals): void {
    const isHandled = this.pid !== null && catches(this.pid, signal) !== false
    if (isHandled && this.#state !== 'ended') this.#process.signal(signal)
  }

  /** This manager no longer looks after it. */
  release(): void {
    this.#process.release()
  }

  /**
   * Kills it, and all that it has started.
   *
   * @param why in words, if a reason is to be reported: `it was not ready after 30 s, and was killed`
   */
  kill(why?: string): void {
    if (this.#state === 'ended') return
    this.#state = 'leaving'
    this.#whyKilled ??= why ?? null
    this.#process.killGroup()
  }

  /** The last lines that it has written. */
  lastLines(): string[] {
    return this.#output.lastLines()
  }

  /** `it ended with exit code 1`. */
  describe({ code, signal, failure }: Ending): string {
    if (this.#whyKilled !== null) return this.#whyKilled
    if (failure !== undefined) return `it could not be started: ${failure}`
    if (signal !== null) return `it was ended by ${signal}`
    if (code !== null) return `it ended with exit code ${code}`
    return 'it ended'
  }
}
