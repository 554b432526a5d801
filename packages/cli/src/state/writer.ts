import { type SavedState, writeState } from './file.js'

/** Writes what a manager leaves to the next one. */
export class StateWriter {
  readonly #folder: string
  readonly #onLost: (error: Error) => void
  #isLost = false

  /**
   * @param folder of the app's state
   * @param onLost a write has failed, and the one before had not
   */
  constructor(folder: string, onLost: (error: Error) => void) {
    this.#folder = folder
    this.#onLost = onLost
  }

  write(state: SavedState): void {
    try {
      writeState(this.#folder, state)
      this.#isLost = false
    } catch (error) {
      if (!this.#isLost && error instanceof Error) this.#onLost(error)
      this.#isLost = true
    }
  }
}
