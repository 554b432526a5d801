import { probeMember } from '@reuse/core/group'
import type { Worker } from './worker.js'

/**
 * Kills workers that do not answer: their event loops are blocked, or they are stopped. Under a launcher, the
 * launcher answers, whatever its program does.
 */
export class HangWatch {
  readonly #workers: () => Iterable<Worker>
  readonly #patience: number
  readonly #timer: NodeJS.Timeout
  readonly #asked = new Set<Worker>()

  /** @param patience how long a worker may be silent, in milliseconds */
  constructor(workers: () => Iterable<Worker>, patience: number) {
    this.#workers = workers
    this.#patience = patience
    this.#timer = setInterval(() => this.#look(), patience / 2)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const worker of this.#workers()) {
      if (worker.state === 'ready' && !this.#asked.has(worker)) this.#ask(worker)
    }
  }

  async #ask(worker: Worker): Promise<void> {
    const { members } = worker
    if (members.length === 0) return // It listens on nothing.
    this.#asked.add(worker)
    // If there are several threads, their host ends the one that does not answer.
    const states = await Promise.all(members.map(({ name }) => probeMember(name, this.#patience)))
    this.#asked.delete(worker)
    // A busy one could not be asked, which says nothing about it: other users can make it so.
    if (states.every((state) => state === 'silent') && worker.state === 'ready') {
      worker.kill(`it did not answer for ${this.#patience / 1000} s, and was killed`)
    }
  }
}
