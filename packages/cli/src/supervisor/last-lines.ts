/** A longer line is kept cut, in characters. */
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
    // Seldom, as it moves all of them.
    if (this.#lines.length >= 2 * this.#most) this.#lines.splice(0, this.#lines.length - this.#most)
  }

  get(count = this.#most): T[] {
    return this.#lines.slice(Math.max(0, this.#lines.length - Math.min(count, this.#most)))
  }
}
