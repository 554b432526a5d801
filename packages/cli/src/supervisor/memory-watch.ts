import { memoryOf } from '../state/process-usage.js'
import { countCrash, delayAfter } from './backoff.js'
import type { Slot } from './slot.js'
import type { Worker } from './worker.js'

/** A worker that has more memory than it may have. */
export interface LargeWorker {
  slot: Slot
  worker: Worker
  /** What it has resident, in bytes. */
  memory: number
}

/**
 * Finds workers that have more memory than they may have. If a worker's successor soon has too much again,
 * the next ones are left alone for longer and longer, as with workers that end again and again.
 */
export class MemoryWatch {
  readonly #limit: number
  /** For each slot: how often in a row its worker was soon too large, and until when it is left alone. */
  readonly #past = new Map<Slot, { count: number; until: number }>()

  /** @param limit in bytes */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** A worker that is to be replaced now; `null` if there is none. */
  find(slots: readonly Slot[]): LargeWorker | null {
    for (const slot of slots) {
      const { worker } = slot
      if (worker?.state !== 'ready' || worker.pid === null) continue
      const { count, until } = this.#past.get(slot) ?? { count: 0, until: 0 }
      if (performance.now() < until) continue
      const memory = memoryOf(worker.pid) ?? 0
      if (memory <= this.#limit) continue
      const next = countCrash(count, worker.age)
      this.#past.set(slot, { count: next, until: performance.now() + delayAfter(next) })
      return { slot, worker, memory }
    }
    return null
  }
}
