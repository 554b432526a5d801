/** The longest line that is kept, in characters; longer ones are cut. */
const longest = 2000

/** The last of many lines. */
export class LastLines<T extends { text: string }> {
  readonly #lines: T[] = []
  readonly #most: number

  constructor(most: number) {
    this.#most = most
  }

  add(line: T): void {
    this.#lines.push({ ...line, text: line.text.slice(0, longest) })
    // Only now and then, because it moves all lines.
    if (this.#lines.length >= 2 * this.#most) this.#lines.splice(0, this.#lines.length - this.#most)
  }

  get(count = this.#most): T[] {
    return this.#lines.slice(Math.max(0, this.#lines.length - Math.min(count, this.#most)))
  }
}
