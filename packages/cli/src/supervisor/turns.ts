/** What is done one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  /** How many are under way, or wait. */
  get count(): number {
    return this.#count
  }

  /** Resolves when those have ended that were asked for by now. */
  get done(): Promise<unknown> {
    return this.#last
  }

  /** Does something when all before it have ended, however they did. */
  async take<T>(operation: () => Promise<T>): Promise<T> {
    this.#count++
    const result = this.#last.then(operation).finally(() => {
      this.#count--
    })
    this.#last = result.catch(() => {})
    return result
  }
}
