import type { SavedWorker } from '../state/file.js'
import { identify, isAlive, type ProcessIdentity } from '../state/process-identity.js'
import { type Ending, signalGroup, type WorkerProcess } from './worker-process.js'

/** How often to check whether it lives, in milliseconds: the system reports its end only to its parent. */
const interval = 250

/** A worker that an earlier manager has started, and that has outlived that manager. */
export class AdoptedProcess implements WorkerProcess {
  readonly identity: ProcessIdentity
  readonly ended: Promise<Ending>
  /** It started at this time or earlier. */
  readonly startedAt = performance.now()
  /** Its channel ended with the manager that had the other end. */
  readonly readiness = 'membership'
  readonly saidReady = null
  readonly threadRestarts = null
  readonly keepsGroup: boolean
  #timer: NodeJS.Timeout | undefined

  constructor({ pid, startTime, keepsGroup = true }: SavedWorker) {
    const identity = { pid, startTime }
    this.identity = identity
    this.keepsGroup = keepsGroup
    this.ended = new Promise((resolve) => {
      this.#timer = setInterval(() => {
        if (isAlive(identity)) return
        clearInterval(this.#timer)
        this.#killLeftovers()
        resolve({ code: null, signal: null })
      }, interval)
    })
  }

  tellReady(): void {}

  askToLeave(): void {
    this.signal('SIGTERM')
  }

  signal(signal: NodeJS.Signals): void {
    if (!isAlive(this.identity)) return
    try {
      process.kill(this.identity.pid, signal)
    } catch {
      // It has just ended.
    }
  }

  release(): void {
    this.#timer?.unref()
  }

  killGroup(): void {
    if (isAlive(this.identity)) signalGroup(this.identity.pid)
  }

  /** As long as any process of its group is left, no other process gets its pid. */
  #killLeftovers(): void {
    const { pid } = this.identity
    if (!this.keepsGroup && identify(pid) === null) signalGroup(pid)
  }
}
