import type { Outcome } from './traffic.js'

/** An answer that takes longer than this is slow, in ms. */
const slowFrom = 500

/** Counts who answered, and what failed. */
export class Tally {
  readonly #answers: Map<string, number>
  readonly #failures = new Map<string, number>()
  #slow = 0

  constructor(programs: readonly string[]) {
    this.#answers = new Map(programs.map((program) => [program, 0]))
  }

  add(outcome: Outcome): void {
    if ('failure' in outcome) {
      count(this.#failures, outcome.failure)
    } else if (this.#answers.has(outcome.program)) {
      count(this.#answers, outcome.program)
      if (outcome.ms > slowFrom) this.#slow++
    } else {
      count(this.#failures, `answered by ${outcome.program}`)
    }
  }

  /** How many requests a program answered. */
  of(program: string): number {
    return this.#answers.get(program) ?? 0
  }

  get answered(): number {
    return sum(this.#answers)
  }

  /** How many of the answers took longer than half a second. */
  get slow(): number {
    return this.#slow
  }

  get failed(): number {
    return sum(this.#failures)
  }

  /** How many failed for which reason, in words. */
  get reasons(): string {
    return [...this.#failures].map(([reason, times]) => `${times} × ${reason}`).join(', ')
  }

  /** The programs that answered nothing. */
  get idle(): string[] {
    return [...this.#answers].filter(([, times]) => times === 0).map(([program]) => program)
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
