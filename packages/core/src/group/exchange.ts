import { isSameProgram } from '../inspect/same-program.js'
import type { Custody } from './custody.js'
import type { Members } from './members.js'
import { inodeOfId, type Peer } from './peer.js'

/**
 * How soon others are asked for the listeners of members that have not said hello, in milliseconds. Many
 * members need more time for the hello: about a millisecond each if all join at once.
 */
const askWait = { first: 5, last: 10_000 }

/** How many are asked for the same at a time: all of a large group would answer each other for seconds. */
const mostAsked = 3

/** How long a member that has just joined may lack other members' listeners, in seconds. */
const newcomerTime = 1

export interface ExchangeOptions {
  custody: Custody
  members: Members
  /** Whether duplicates are for the same program only. */
  only: boolean
}

/** All members are to hold what one holds: members ask each other for what they lack. */
export class Exchange {
  readonly #options: ExchangeOptions
  #timer: NodeJS.Timeout | undefined
  #wait = askWait.first
  #asked = 0

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /**
   * Asks in a moment, and again as long as something is missing: a member that does not say hello may be
   * busy or stopped, and others have its listener.
   */
  askSoon(): void {
    this.#askIn(Math.max(askWait.first, this.#options.members.expected.length))
  }

  /** Gives a member the listener of another one, if this member holds it. */
  give(peer: Peer, id: string): void {
    const { custody, only } = this.#options
    const socket = custody.socketOf(inodeOfId(id))
    const isFor = !only || isSameProgram(peer.connection.pid)
    if (socket !== undefined && isFor) peer.connection.send({ type: 'held', id }, socket)
  }

  /** Gives all listeners to a member that has just joined: it may still be about to ask. */
  giveAllTo(peer: Peer): void {
    if (process.uptime() - peer.met > newcomerTime) return
    const { custody, members } = this.#options
    for (const inode of custody.inodes) {
      const owner = members.ownerOf(inode)
      if (owner !== undefined && owner.id !== peer.id) this.give(peer, owner.id)
    }
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #askIn(milliseconds: number): void {
    this.#wait = milliseconds
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), milliseconds).unref()
  }

  #ask(): void {
    const { custody, members } = this.#options
    const missing = members.expected.filter((id) => !custody.has(inodeOfId(id)))
    const { present } = members
    for (const id of missing) {
      // Next time others are asked: a member that is asked may not hold the listener.
      for (let count = 0; count < Math.min(mostAsked, present.length); count++) {
        present[this.#asked++ % present.length]?.connection.send({ type: 'wanted', id })
      }
    }
    if (missing.length > 0) this.#askIn(Math.min(this.#wait * 4, askWait.last))
  }
}
