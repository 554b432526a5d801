/** Counts what happened in the last few seconds. Times are in ms, all from the same clock. */
export class Recent {
  readonly span: number
  readonly #begin: number
  #events: { name: string; at: number }[] = []

  constructor(span: number, begin: number) {
    this.span = span
    this.#begin = begin
  }

  add(name: string, at: number): void {
    this.#events.push({ name, at })
  }

  /** How often each name was recently added, per second. */
  rates(now: number): Map<string, number> {
    this.#events = this.#events.filter(({ at }) => at > now - this.span)
    // In its first seconds, it has seen less than a whole span.
    const seconds = Math.min(this.span, Math.max(now - this.#begin, 1)) / 1000
    const rates = new Map<string, number>()
    for (const { name } of this.#events) rates.set(name, (rates.get(name) ?? 0) + 1 / seconds)
    return rates
  }
}
