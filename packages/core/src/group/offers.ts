import type { Custody } from './custody.js'
import type { Members } from './members.js'
import type { Message } from './messages.js'
import type { Peer } from './peer.js'

/** How long an orphan is not offered again: its new member has to say hello first. */
const offerTime = 500

/** A listener without a member. */
export interface Offer {
  inode: number
  /** A duplicate; the descriptor still belongs to the process that offers it. */
  socket: number
}

/** Which of the listeners that a process holds have no member, and who is given one of them. */
export class Offers {
  readonly #custody: Custody
  readonly #members: Members
  /** Until when an orphan is not offered again, on the clock of `performance.now()`. */
  readonly #offered = new Map<number, number>()

  constructor({ custody, members }: { custody: Custody; members: Members }) {
    this.#custody = custody
    this.#members = members
  }

  /** The sockets whose members are gone. */
  get orphans(): ReadonlySet<number> {
    const { owners } = this.#members
    return new Set(this.#custody.inodes.filter((inode) => !owners.has(inode)))
  }

  isOrphan(inode: number): boolean {
    return this.#custody.has(inode) && this.#members.ownerOf(inode) === undefined
  }

  /** Whether nobody has the orphan, or is about to say hello with it. */
  isFree(inode: number): boolean {
    return this.isOrphan(inode) && performance.now() > (this.#offered.get(inode) ?? 0)
  }

  /** An orphan for a process that is about to listen. @param retiring those that are being taken out */
  make(retiring: ReadonlySet<number>): Offer | null {
    for (const [inode, socket] of this.#custody.sockets) {
      if (!this.isFree(inode) || retiring.has(inode)) continue
      this.#learn(inode)
      // The others know of the offer before the process that asked has the orphan.
      this.#members.broadcast({ type: 'offered', inode })
      return { inode, socket }
    }
    return null
  }

  /** Hears what a member does with orphans; returns the one that is now out of the group for good. */
  hear(peer: Peer, message: Message): number | null {
    switch (message.type) {
      case 'offered':
        this.#learn(message.inode)
        return null
      case 'retiring':
      case 'kept':
        peer.retires = message.type === 'retiring' ? message.inode : null
        return null
      case 'retired': {
        // A member that has not said that it retires the orphan cannot take it from others.
        const isOut = peer.retires === message.inode && this.isOrphan(message.inode)
        peer.retires = null
        return isOut ? message.inode : null
      }
      default:
        return null
    }
  }

  /** A member has given an orphan away. */
  #learn(inode: number): void {
    this.#offered.set(inode, performance.now() + offerTime)
  }

  /** The orphan has a member again, or is gone. */
  forget(inode: number): void {
    this.#offered.delete(inode)
  }
}
