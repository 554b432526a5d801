import { Slot, type SlotOwner } from './slot.js'

/** The places of an app's workers, in the order of their numbers. */
export class Slots {
  readonly #owner: SlotOwner
  readonly #slots: Slot[] = []

  constructor(owner: SlotOwner) {
    this.#owner = owner
  }

  get all(): readonly Slot[] {
    return this.#slots
  }

  get count(): number {
    return this.#slots.length
  }

  /** The place with this number, from 1; there are all before it then, too. */
  at(number: number): Slot {
    while (this.#slots.length < number) {
      this.#slots.push(new Slot(this.#slots.length + 1, this.#owner))
    }
    const slot = this.#slots[number - 1]
    if (slot === undefined) throw new RangeError(`there is no slot ${number}`)
    return slot
  }

  /** Starts what is missing up to a number. */
  fill(count: number): void {
    for (let number = 1; number <= count; number++) this.at(number).start()
  }

  /**
   * Starts what is missing and waits until it is ready, or has those leave that are too many.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY`: there are as many as before then
   */
  async resize(count: number): Promise<void> {
    const before = this.count
    if (count < before) {
      await closeAll(this.#slots.splice(count))
      return
    }
    this.fill(count)
    const added = this.#slots.slice(before)
    try {
      await Promise.all(added.map((slot) => slot.ready()))
    } catch (error) {
      await closeAll(this.#slots.splice(before))
      throw error
    }
  }

  /** Has all workers leave, and starts no more. */
  async close(): Promise<void> {
    await closeAll(this.#slots)
  }
}

async function closeAll(slots: readonly Slot[]): Promise<void> {
  await Promise.all(slots.map((slot) => slot.close()))
}
