import { Slot, type SlotOwner } from './slot.js'

/** The slots of an app's workers, in the order of their numbers. */
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

  /** The slot with this number, from 1. It is created if it is missing, and so are all before it. */
  at(number: number): Slot {
    while (this.#slots.length < number) {
      this.#slots.push(new Slot(this.#slots.length + 1, this.#owner))
    }
    const slot = this.#slots[number - 1]
    if (slot === undefined) throw new RangeError(`there is no slot ${number}`)
    return slot
  }

  /** Starts the workers that are missing in the first `count` slots. */
  fill(count: number): void {
    for (let number = 1; number <= count; number++) this.at(number).start()
  }

  /**
   * Starts the workers that are missing and waits until they are ready, or has surplus workers leave.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY`: then there are as many as before
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
