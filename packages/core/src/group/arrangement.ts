import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure, rethrow } from '../lib/errors.js'
import { native } from '../socket/native.js'
import { encode, type Filter } from '../steering/filter.js'
import type { Group } from './group.js'
import { acquireLock } from './lock.js'
import { nextOrder, type Order, withIndex, without } from './order.js'
import { fillQueue, probeOrder } from './probe.js'
import {
  bridgeFilter,
  type Census,
  canPassOver,
  type Decision,
  decide,
  digestOf,
  filterFor,
  hashFilter,
} from './steering-decisions.js'

/** What the others are told when a group has the filter that it should have. */
export interface Arranged {
  /** Whether the members have given the group a filter; otherwise the kernel chooses. */
  steered: boolean
  /** What the filter depends on; see `digestOf`. */
  digest: number
  order: Order
}

export interface ArrangementOptions {
  /** What is known of the group now. */
  census(): Census
  /** Descriptors of the listeners that can be told apart, by inode. */
  listeners(): ReadonlyMap<number, number>
  /** Hears what other members have said by now. */
  hearNow(): void
  /** Whether the descriptors must no longer be used: they may belong to other sockets by now. */
  isOver?(): boolean
  /** The group has the filter that it should have. */
  onArranged(arranged: Arranged): void
}

/** How often a change is tried at most, because members may come or go meanwhile. */
const tries = 5

/** Gives the group the filter that its policy and its members call for. */
export class Arrangement {
  readonly #group: Group
  readonly #options: ArrangementOptions
  #current: Arranged
  #probes = 0

  constructor(group: Group, options: ArrangementOptions) {
    this.#group = group
    this.#options = options
    // A filter that was there before any member is not the members' to remove.
    this.#current = { steered: false, digest: 0, order: [] }
  }

  get current(): Arranged {
    return this.#current
  }

  /** How many of its own connections have reached listeners that it can tell apart. */
  get probes(): number {
    return this.#probes
  }

  /** Whatever filter the group has is to be replaced, even a foreign one. */
  claim(): void {
    this.#current = { ...this.#current, steered: true }
  }

  /** Another member has arranged the group. */
  learn(arranged: Arranged): void {
    const order = arranged.order.length > 0 ? arranged.order : this.#current.order
    this.#current = { ...arranged, order }
  }

  /** A socket has joined the group at a known index. */
  learnIndex(index: number, inode: number): void {
    this.#current = { ...this.#current, order: withIndex(this.#current.order, index, inode) }
  }

  /** Whether the group has what it should have, as far as this member knows. */
  isRight(): boolean {
    const census = this.#options.census()
    const decision = decide(census)
    if (decision.choice === null && !this.#current.steered) return true
    // This also holds for weights that somebody has set by hand: they stay until something changes.
    return this.#current.steered && this.#current.digest === digestOf(census, decision)
  }

  /**
   * Gives the group its filter, or leaves the choice to the kernel again.
   *
   * @param anew whether to do so even if the group seems to have what it should have
   * @returns whether all sockets that are to be passed over really are
   * @throws SystemError where the kernel refuses the filter
   */
  async arrange(anew: boolean): Promise<boolean> {
    if (!anew && this.isRight()) return true
    const lock = await acquireLock(this.#group.key)
    try {
      if (this.#options.isOver?.()) return false
      // A member that was busy or stopped would bring back what the others have replaced meanwhile.
      this.#options.hearNow()
      for (let count = 0; count < tries; count++) {
        if (!anew && this.isRight()) return true
        const census = this.#options.census()
        const passesOver = rethrow(() => this.#attach(census))
        if (isSame(census.inodes, this.#group.inodes())) return passesOver
      }
      return false
    } finally {
      lock.release()
    }
  }

  /**
   * Attaches a filter made for the current number of sockets; it stays until the group changes.
   *
   * @throws SystemError where the kernel refuses the filter
   */
  async attachBy(make: (size: number) => Filter): Promise<void> {
    const lock = await acquireLock(this.#group.key)
    try {
      if (this.#options.isOver?.()) return
      const census = this.#options.census()
      this.#set(make(census.inodes.size))
      this.#commit(census, decide(census), true, nextOrder(this.#current.order, census.inodes))
    } finally {
      lock.release()
    }
  }

  /**
   * Takes a socket out of the group by a call that does so at once, and makes sure that what comes
   * right after goes to another socket.
   *
   * @param since what the group had when the socket began to be passed over
   * @param isWanted whether the socket is still to be taken out
   * @returns whether the socket is out; false if somebody has arranged the group since
   */
  async take(
    inode: number,
    since: Arranged,
    isWanted: () => boolean,
    out: () => void,
  ): Promise<boolean> {
    const lock = await acquireLock(this.#group.key)
    try {
      // A member that had the lock before has said so, and so has one that has given the socket away.
      this.#options.hearNow()
      if (this.#current !== since || !isWanted()) return false
      const census = this.#options.census()
      if (!census.inodes.has(inode)) return true // Its program has shut it down itself.
      const order = nextOrder(this.#current.order, census.inodes)
      const index = order.indexOf(inode)
      // For the kernel's own choice, only this filter is right both before and after.
      const { choice } = decide({ ...census, retiring: new Set() })
      if (choice === null && index !== census.inodes.size - 1) this.#set(bridgeFilter(census))
      out()
      this.#current = { ...this.#current, order: without(order, index) }
      return true
    } finally {
      lock.release()
    }
  }

  /**
   * The same for the socket of the last member: the group's filter is removed too, because nobody is
   * left to keep it right.
   */
  async dismantle(inode: number, since: Arranged, out: () => void): Promise<boolean> {
    const lock = await acquireLock(this.#group.key)
    try {
      if (this.#current !== since) return false
      const census = this.#options.census()
      // Its program has shut it down itself; filling its queue would make it listen again.
      if (!census.inodes.has(inode)) return true
      const order = nextOrder(this.#current.order, census.inodes)
      const passing = filterFor(census, decide(census), order) ?? hashFilter
      // Between the two calls that follow, the kernel may choose the socket once more.
      const release = fillQueue(this.#group, order.indexOf(inode), passing)
      try {
        this.#unset()
        out()
      } finally {
        release()
      }
      return true
    } finally {
      lock.release()
    }
  }

  /** Gives the group the filter for a census; returns whether all retiring sockets are passed over. */
  #attach(census: Census): boolean {
    const decision = decide(census)
    let order = nextOrder(this.#current.order, census.inodes)
    let isProbed = false
    if (decision.needsOrder && census.protocol === 'tcp' && !isEnough(census, decision, order)) {
      order = probeOrder(
        this.#group,
        this.#options.listeners(),
        census.inodes.size,
        this.#current.steered
          ? (attempt(() => filterFor(census, decision, order)) ?? hashFilter)
          : hashFilter,
      )
      isProbed = true
      this.#probes += order.filter((inode) => inode !== 0).length
    }
    const filter = filterFor(census, decision, order)
    if (filter !== null) this.#set(filter)
    else if (this.#current.steered || isProbed) this.#unset()
    this.#commit(census, decision, filter !== null, order)
    return canPassOver(census, order)
  }

  #commit(census: Census, decision: Decision, steered: boolean, order: Order): void {
    this.#current = { steered, digest: digestOf(census, decision), order }
    this.#options.onArranged(this.#current)
  }

  #set(filter: Filter): void {
    rethrow(() => this.#attachFilter(encode(filter)), {
      hint: 'The kernel refused the filter: look for a sandbox, or for the limit of option memory (net.core.optmem_max).',
    })
  }

  #attachFilter(code: Uint8Array): void {
    try {
      native.attachFilter(this.#group.socket, code)
    } catch (failure) {
      // A UDP socket that was bound to port 0 has shared only since its bind: until another one joins,
      // the kernel knows of no group, and there is nothing to choose.
      const isNone = isSystemFailure(failure) && errorName(failure.errno) === 'EINVAL'
      if (!isNone || this.#group.inodes().size > 1) throw failure
    }
  }

  #unset(): void {
    try {
      native.detachFilter(this.#group.socket)
    } catch (failure) {
      if (!isSystemFailure(failure)) throw failure
      this.#set(hashFilter) // Linux before 5.3 cannot detach.
    }
  }
}

/** Whether every socket whose index matters has a known index. */
function isEnough(census: Census, { weights }: Decision, order: Order): boolean {
  const known = new Set(order)
  const members = [...weights.keys()].filter((inode) => census.weights.has(inode))
  const needed =
    new Set(weights.values()).size > 1 ||
    typeof census.policy === 'object' ||
    census.policy === 'source-address'
  return canPassOver(census, order) && (!needed || members.every((inode) => known.has(inode)))
}

function isSame(one: ReadonlySet<number>, other: ReadonlySet<number>): boolean {
  return one.size === other.size && [...one].every((inode) => other.has(inode))
}
