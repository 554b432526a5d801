import { isSameProgram } from '../inspect/same-program.js'
import { attempt } from '../lib/attempt.js'
import { isOfSystem } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import type { Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom } from './departure.js'
import { adopterOf, type Server } from './duties.js'
import { Group } from './group.js'
import { retireLockKey, tryLock } from './lock.js'
import type { Members } from './members.js'
import type { Message } from './messages.js'
import { type Offer, Offers } from './offers.js'
import type { Peer } from './peer.js'

/** How long an orphan waits for somebody who begins to listen, in milliseconds. */
const patience = 5000

/** By how much each further member waits longer to do what the one before has not done. */
const step = 2000

/** How soon one that has to wait its turn is looked at again, at first and at most, in milliseconds. */
const turn = { first: 50, most: 1000 }

/** How long one that could not be taken out waits at most until it is tried again, in milliseconds. */
const mostWait = 60_000

/** How long the way out of an orphan may take, in milliseconds. */
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
 * The listeners whose members are gone: each is offered to those who begin to listen, and the ones
 * that nobody takes are taken out of the group, one after the other.
 */
export class Orphans {
  readonly #options: OrphansOptions
  readonly #offers: Offers
  readonly #timers = new Map<number, NodeJS.Timeout>()
  /** The one that this member takes out of the group. */
  #own: number | null = null
  #closed = false

  constructor(options: OrphansOptions) {
    this.#options = options
    this.#offers = new Offers(options)
  }

  /** The sockets that somebody takes out of the group now. */
  get retiring(): ReadonlySet<number> {
    const others = this.#options.members.present.map(({ retires }) => retires)
    return new Set([this.#own, ...others].filter((inode) => inode !== null))
  }

  /** The sockets whose members are gone. */
  get inodes(): ReadonlySet<number> {
    return this.#offers.orphans
  }

  /** Looks which listeners have no member now. */
  look(servers: readonly Server[]): void {
    const orphans = this.inodes
    const { members, custody } = this.#options
    for (const [inode, timer] of this.#timers) {
      if (orphans.has(inode)) continue
      clearTimeout(timer)
      this.#timers.delete(inode)
      this.#offers.forget(inode)
    }
    for (const inode of orphans) {
      if (this.#timers.has(inode)) continue
      // A program without Node may have left it so that calls wait for it.
      const socket = custody.socketOf(inode)
      if (socket !== undefined) attempt(() => native.unblock(socket))
      const adopter = adopterOf(inode, servers)
      const isOwn = adopter === servers[0]?.id
      // Who has not met its member does not have it: all send it to its adopter, who sends it to all.
      const receivers = members.present.filter(({ id }) => isOwn || id === adopter)
      for (const peer of receivers) this.#send(inode, peer)
      const rank = isOwn ? 0 : 1 + members.rank
      this.#retireLater(inode, patience + rank * step)
    }
  }

  /** Sends all of them to another member: whoever goes next, another has them. */
  sendTo(peer: Peer): void {
    for (const inode of this.inodes) this.#send(inode, peer)
  }

  #send(inode: number, { connection }: Peer): void {
    const socket = this.#options.custody.socketOf(inode)
    const isFor = !this.#options.only || isSameProgram(connection.pid)
    if (socket !== undefined && isFor) connection.send({ type: 'orphan', inode }, socket)
  }

  /** Hears what a member does with orphans; gives the one that is out of the group for good by it. */
  hear(peer: Peer, message: Message): number | null {
    return this.#offers.hear(peer, message)
  }

  /** A duplicate of one, for somebody who is about to listen. */
  offer(): Offer | null {
    return this.#offers.make(this.retiring)
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  /** @param before how often somebody else had the lock, and how often it was in vain */
  #retireLater(inode: number, milliseconds: number, before = { turns: 0, failures: 0 }): void {
    const { turns, failures } = before
    const retire = async (): Promise<void> => {
      // Without a descriptor for it, it waits its turn too.
      const lock = attempt(() => tryLock(retireLockKey(this.#options.key))) ?? null
      try {
        if (lock !== null) await this.#retire(inode)
      } catch (failure) {
        // No descriptor, no memory: the group keeps what it has, and it is tried again.
        if (!isOfSystem(failure)) throw failure
      } finally {
        lock?.release()
      }
      // One that has to wait its turn, or could not be emptied now.
      if (!this.#offers.isOrphan(inode) || this.#closed) return
      if (lock === null) {
        const wait = Math.min(turn.first * 2 ** turns, turn.most)
        this.#retireLater(inode, wait, { turns: turns + 1, failures })
      } else {
        const wait = Math.min(step * 2 ** failures, mostWait)
        this.#retireLater(inode, wait, { turns: 0, failures: failures + 1 })
      }
    }
    this.#timers.set(inode, setTimeout(retire, milliseconds).unref())
  }

  async #retire(inode: number): Promise<void> {
    const { protocol, custody, members, arrangement, onRetired } = this.#options
    members.hearNow() // Somebody may have taken it, and said so a moment ago.
    const socket = custody.socketOf(inode)
    if (socket === undefined || !this.#offers.isFree(inode)) return
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
    if (this.#closed) return
    this.#own = null
    if (reason === null) {
      this.#timers.delete(inode)
      onRetired(inode)
    }
    members.broadcast({ type: reason === null ? 'retired' : 'kept', inode })
    // Where the kernel refuses, the group keeps what it has, and the next change tries again.
    await arrangement.arrange(true).catch(() => {})
  }
}
