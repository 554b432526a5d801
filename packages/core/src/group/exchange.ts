import { isSameProgram } from '../inspect/same-program.js'
import type { Custody } from './custody.js'
import type { Members } from './members.js'
import { inodeOfId, type Peer } from './peer.js'

/**
 * When others are asked for the listeners of members that have not said hello, in milliseconds. Many
 * need more time for it: about one each, where all join at once.
 */
const askWait = { first: 5, last: 10_000 }

/** So many are asked for the same at a time: all of a large group would answer each other for seconds. */
const mostAsked = 3

/** For so long a member that has joined may lack the listeners of others, in seconds. */
const newcomerTime = 1

export interface ExchangeOptions {
  custody: Custody
  members: Members
  /** Whether duplicates are for the same program only. */
  only: boolean
}

/** What one member holds, all are to hold: members ask each other for what they lack. */
export class Exchange {
  readonly #options: ExchangeOptions
  #timer: NodeJS.Timeout | undefined
  #wait = askWait.first
  #asked = 0

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  /**
   * Asks in a moment, and as long as there is something to ask for: who does not say hello may be busy or
   * stopped, and others have its listener.
   */
  askSoon(): void {
    this.#askIn(Math.max(askWait.first, this.#options.members.expected.length))
  }

  /** Gives a member the listener of another one, where it is here. */
  give(peer: Peer, id: string): void {
    const { custody, only } = this.#options
    const socket = custody.socketOf(inodeOfId(id))
    const isFor = !only || isSameProgram(peer.connection.pid)
    if (socket !== undefined && isFor) peer.connection.send({ type: 'held', id }, socket)
  }

  /** Gives all to one that has joined a moment ago: it may still be about to ask. */
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
      // Others the next time: who is asked may not hold it.
      for (let count = 0; count < Math.min(mostAsked, present.length); count++) {
        present[this.#asked++ % present.length]?.connection.send({ type: 'wanted', id })
      }
    }
    if (missing.length > 0) this.#askIn(Math.min(this.#wait * 4, askWait.last))
  }
}
