import { isSameProgram } from '../inspect/same-program.js'
import { attempt } from '../lib/attempt.js'
import { native, type Protocol } from '../socket/native.js'
import type { Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom } from './departure.js'
import { adopterOf, type Server } from './duties.js'
import { Group } from './group.js'
import type { Members } from './members.js'
import type { Message } from './messages.js'
import { type Offer, Offers } from './offers.js'
import type { Peer } from './peer.js'
import { orphanPatience, RetireTurns } from './retire-turns.js'

/** How much longer each further member waits before it does what the one before has not done. */
const step = 2000

/** How long taking an orphan out of the group may take, in milliseconds. */
const retirePatience = 5000

export interface OrphansOptions {
  /** The group's. */
  key: string
  /** Whether they are for the same program only. */
  only: boolean
  protocol: Protocol
  custody: Custody
  members: Members
  arrangement: Arrangement
  onRetired(inode: number): void
}

/**
 * The listeners whose members are gone: each is offered to processes that begin to listen, and the
 * ones that nobody takes are taken out of the group, one after the other.
 */
export class Orphans {
  readonly #options: OrphansOptions
  readonly #offers: Offers
  readonly #turns: RetireTurns
  /** The orphan that this member is taking out of the group. */
  #own: number | null = null
  #closed = false

  constructor(options: OrphansOptions) {
    this.#options = options
    this.#offers = new Offers(options)
    this.#turns = new RetireTurns({
      key: options.key,
      isOrphan: (inode) => this.#offers.isOrphan(inode),
      retire: (inode) => this.#retire(inode),
    })
  }

  /** The sockets that members are taking out of the group now. */
  get retiring(): ReadonlySet<number> {
    const others = this.#options.members.present.map(({ retires }) => retires)
    return new Set([this.#own, ...others].filter((inode) => inode !== null))
  }

  /** The sockets whose members are gone. */
  get inodes(): ReadonlySet<number> {
    return this.#offers.orphans
  }

  /** Finds out which listeners have no member now. */
  look(servers: readonly Server[]): void {
    const orphans = this.inodes
    const { members, custody } = this.#options
    for (const inode of this.#turns.keepOnly(orphans)) this.#offers.forget(inode)
    for (const inode of orphans) {
      if (this.#turns.has(inode)) continue
      // A program without Node may have left it in blocking mode.
      const socket = custody.socketOf(inode)
      if (socket !== undefined) attempt(() => native.unblock(socket))
      const adopter = adopterOf(inode, servers)
      const isOwn = adopter === servers[0]?.id
      // A member that has not met the orphan's member does not have the orphan: all send it to its
      // adopter, which sends it to all.
      const receivers = members.present.filter(({ id }) => isOwn || id === adopter)
      for (const peer of receivers) this.#send(inode, peer)
      const rank = isOwn ? 0 : 1 + members.rank
      this.#turns.add(inode, orphanPatience + rank * step)
    }
  }

  /** Sends all orphans to another member: whichever member goes next, another one has them. */
  sendTo(peer: Peer): void {
    for (const inode of this.inodes) this.#send(inode, peer)
  }

  #send(inode: number, { connection }: Peer): void {
    const socket = this.#options.custody.socketOf(inode)
    const isFor = !this.#options.only || isSameProgram(connection.pid)
    if (socket !== undefined && isFor) connection.send({ type: 'orphan', inode }, socket)
  }

  /** Hears what a member does with orphans; returns the one that is now out of the group for good. */
  hear(peer: Peer, message: Message): number | null {
    return this.#offers.hear(peer, message)
  }

  /** A duplicate of an orphan, for a process that is about to listen. */
  offer(): Offer | null {
    return this.#offers.make(this.retiring)
  }

  close(): void {
    this.#closed = true
    this.#turns.close()
  }

  /** @returns whether it is out of the group for good */
  async #retire(inode: number): Promise<boolean> {
    const { protocol, custody, members, arrangement, onRetired } = this.#options
    members.hearNow() // Somebody may have taken it, and said so a moment ago.
    const socket = custody.socketOf(inode)
    if (socket === undefined || !this.#offers.isFree(inode)) return false
    const group = new Group(socket, protocol)
    this.#own = inode
    members.broadcast({ type: 'retiring', inode })
    const reason = await departFrom({
      group,
      arrangement,
      isLast: false,
      deadline: performance.now() + retirePatience,
      isGivenUp: () => this.#closed || !this.#offers.isFree(inode),
    })
    if (this.#closed) return false
    this.#own = null
    if (reason === null) onRetired(inode)
    members.broadcast({ type: reason === null ? 'retired' : 'kept', inode })
    // If the kernel refuses, the group keeps what it has, and the next change tries again.
    await arrangement.arrange(true).catch(() => {})
    return reason === null
  }
}
