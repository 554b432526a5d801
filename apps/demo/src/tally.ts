import type { Outcome } from './traffic.js'

/** Counts who answered. */
export class Tally {
  readonly #answers: Map<string, number>
  #failed = 0
  #lastFailure: string | null = null

  constructor(programs: readonly string[]) {
    this.#answers = new Map(programs.map((program) => [program, 0]))
  }

  add(outcome: Outcome): void {
    const before = 'program' in outcome ? this.#answers.get(outcome.program) : undefined
    if ('program' in outcome && before !== undefined) {
      this.#answers.set(outcome.program, before + 1)
    } else {
      this.#failed++
      this.#lastFailure = 'failure' in outcome ? outcome.failure : `answered by ${outcome.program}`
    }
  }

  /** How many requests a program answered. */
  of(program: string): number {
    return this.#answers.get(program) ?? 0
  }

  get answered(): number {
    return [...this.#answers.values()].reduce((sum, count) => sum + count, 0)
  }

  get failed(): number {
    return this.#failed
  }

  get lastFailure(): string | null {
    return this.#lastFailure
  }

  /** The programs that answered nothing. */
  get idle(): string[] {
    return [...this.#answers].filter(([, count]) => count === 0).map(([program]) => program)
  }
}
