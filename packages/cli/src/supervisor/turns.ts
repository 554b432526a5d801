/** Runs operations one after the other. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()
  #count = 0

  /** How many operations are running or waiting. */
  get count(): number {
    return this.#count
  }

  /** Resolves when all operations that have been requested so far have ended. */
  get done(): Promise<unknown> {
    return this.#last
  }

  /** Runs an operation when all before it have ended, successfully or not. */
  async take<T>(operation: () => Promise<T>): Promise<T> {
    this.#count++
    const result = this.#last.then(operation).finally(() => {
      this.#count--
    })
    this.#last = result.catch(() => {})
    return result
  }
}
