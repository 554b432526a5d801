/** A connection that a client opens. */
export interface Client {
  readonly id: number
  /** What the kernel's hash of its addresses and ports gives: from 0 up to, not including, 1. */
  readonly hash: number
}

/** Clients that come one after another: always the same ones, so that two groups can have them. */
export class Clients {
  #time = 0
  #count = 0

  /** The clients that come in the next step: in two of three steps there is one. */
  next(): readonly Client[] {
    this.#time++
    if (this.#time % 3 === 0) return []
    const id = this.#count++
    return [{ id, hash: hashOf(id) }]
  }
}

/** The last steps of MurmurHash3: neighbours get numbers that have nothing in common. */
function hashOf(id: number): number {
  let hash = Math.imul(id + 1, 0x9e3779b1)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
