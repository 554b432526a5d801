import { memberName, nameMember } from '../inspect/member-names.js'
import { isOfSystem, ReuseError, rethrow } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import { setSharing } from '../socket/sharing.js'
import { maxWeight, minWeight } from '../steering/policy.js'
import type { Connection } from './connection.js'
import { Custody } from './custody.js'
import { Group, inodeOf, isOfGroup } from './group.js'
import { registerLocal, unregisterLocal } from './local-members.js'
import { Members } from './members.js'
import type { DatedPolicy, Factors, Introduction, Message } from './messages.js'
import { type Offer, Offers } from './offers.js'
import { inodeOfId, isKeeper, type Peer } from './peer.js'
import { Unserved } from './unserved.js'
import { warn } from './warn.js'

/** How a keeper holds a group's listeners, and what it reports. */
export interface KeeperOptions {
  /** How long what waits is kept while the group has no member, in milliseconds. */
  holdTimeout: number
  /**
   * Whether the members are programs without Node, such as those that `reuse exec` starts, which do not
   * serve each other's listeners: a TCP listener whose member is gone, and that no other member takes over
   * within five seconds, is then taken out of the group, and what waits there is refused. Without this
   * option, the members take it out.
   */
  retireOrphans?: boolean
  /** `holdTimeout` is over: the keeper has closed, and what waited has been refused. */
  onGivenUp?(): void
  /** The keeper holds other listeners than before. */
  onChange?(): void
}

/**
 * Holds the listeners of all members of a group and serves none of them: while all members are gone,
 * the port stays open and its queue waits. Processes that listen there next take the listeners; those
 * that nobody takes are for the members to serve, and to take out of the group. Linux only.
 *
 * Members meet a keeper as they meet each other, under the inode 0, which no socket has. If only a
 * keeper stays when a member leaves, the member's socket is held, and the member has no successor.
 */
export class Keeper {
  /** The group's name among processes of this user. */
  readonly key: string
  readonly #options: KeeperOptions
  readonly #id: string
  readonly #protocol: Protocol
  readonly #custody: Custody
  readonly #members: Members
  readonly #offers: Offers
  readonly #unserved: Unserved | null
  /** The policy outlives the members that have set it. */
  #policy: DatedPolicy = { policy: 'hash', sequence: 0 }
  /** What it multiplies the members' weights by. */
  #factors: Factors = new Map()
  /** The orphans that the members have been sent. */
  readonly #sent = new Set<number>()
  #giveUpTimer: NodeJS.Timeout | undefined

  /** Meets all members that are there; members that come later meet the keeper. */
  constructor(key: string, options: KeeperOptions) {
    const name = nameMember(key, 0)
    this.key = key
    this.#protocol = key.startsWith('udp/') ? 'udp' : 'tcp'
    this.#options = options
    this.#id = name.id
    this.#custody = new Custody(this.#protocol, -1, null)
    this.#members = new Members(key, name, {
      introduce: () => ({ hello: this.#introduction(), attached: null }),
      onMeet: (peer, attached, cut) => this.#meet(peer, attached, cut),
      onMessage: (peer, message) => this.#hear(peer, message),
      onDuplicate: (_, inode, attached) => this.#hold(inode, attached),
      onGone: () => this.#look(),
      onTake: (connection) => this.#give(connection),
      // Only members answer these.
      onMeasure: (connection) => connection.close(),
      onSteer: (connection) => connection.close(),
    })
    this.#offers = new Offers({ custody: this.#custody, members: this.#members })
    this.#unserved =
      options.retireOrphans === true && this.#protocol === 'tcp'
        ? new Unserved({
            ...{ key, custody: this.#custody, members: this.#members, offers: this.#offers },
            census: () => ({ policy: this.#policy.policy, weights: this.weights }),
            onRetired: (inode) => this.#release(inode),
          })
        : null
    registerLocal(key, this.#id, this)
    this.#open()
    this.#look()
  }

  /** The listeners that the keeper holds, by inode. The descriptors still belong to the keeper. */
  get listeners(): ReadonlyMap<number, number> {
    return this.#custody.sockets
  }

  /** The weights of the members that are there, as the keeper balances them, by listener inode. */
  get weights(): ReadonlyMap<number, number> {
    const weigh = ({ id, weight }: Peer): number => weight * (this.#factors.get(id) ?? 1)
    return new Map(this.#members.servers.map((peer) => [inodeOfId(peer.id), weigh(peer)]))
  }

  /**
   * Multiplies the weights of members, from now on and as long as the keeper is there: more for one, less
   * for another. This has an effect only if the group's policy uses weights.
   *
   * @param factors by the whole name of each member, from 0.001 to 1000; all others are multiplied by 1
   * @throws RangeError for a factor out of this range
   */
  balance(factors: ReadonlyMap<string, number>): void {
    for (const [name, factor] of factors) {
      if (factor >= minWeight && factor <= maxWeight) continue
      const range = `from ${minWeight} to ${maxWeight}`
      throw new RangeError(`balance: the factor of ${name} must be ${range}, got ${factor}`)
    }
    const known = this.#members.servers.flatMap(({ id }): [string, number][] => {
      const factor = factors.get(memberName(this.key, id)) ?? 1
      return factor === 1 ? [] : [[id, factor]]
    })
    const before = this.#factors
    this.#factors = new Map(known)
    const isSame = before.size === known.length && known.every(([id, f]) => before.get(id) === f)
    if (!isSame) this.#members.broadcast({ type: 'balance', factors: this.#factors })
  }

  /**
   * Takes over a listener that nobody serves, such as one that was handed in: the next process that
   * listens there gets it. The listener shares its port from now on.
   *
   * @throws a system error where the listener cannot share its port
   * @throws ReuseError `ERR_REUSE_INHERITED` for a socket of another group
   */
  adopt(socket: number): void {
    const inode = inodeOf(socket)
    if (!isOfGroup(this.key, socket, inode)) {
      throw new ReuseError(
        'ERR_REUSE_INHERITED',
        `descriptor ${socket} is not a listener of the group ${this.key}`,
        { hint: 'Call keyOf() to see which group it belongs to.' },
      )
    }
    rethrow(() => setSharing(socket, this.#protocol))
    this.#take(inode, socket)
    this.#look()
  }

  /** Gives a listener whose member is gone to a process that is about to listen, and still holds it. */
  offerOrphan(): Offer | null {
    this.#dropRetired()
    const retiring = this.#members.present.flatMap(({ retires }) => retires ?? [])
    return this.#offers.make(new Set(retiring))
  }

  /** Closes the listeners that it holds: if nobody else has one, what waits there is refused. */
  close(): void {
    clearTimeout(this.#giveUpTimer)
    this.#unserved?.close()
    unregisterLocal(this.key, this.#id)
    this.#members.close()
    this.#custody.close()
  }

  #open(): void {
    try {
      this.#members.open()
    } catch (error) {
      if (!isOfSystem(error)) throw error
      // It is retried automatically.
      warn('REUSE_NOT_PRESENT', `the members of ${this.key} cannot be connected to`, error)
    }
  }

  #introduction(): Introduction {
    return { id: this.#id, index: -1, weight: 0, policy: this.#policy, only: false }
  }

  #meet(peer: Peer, attached: number | null, cut: boolean): void {
    const inode = inodeOfId(peer.id)
    if (attached !== null) this.#hold(inode, attached)
    if (this.#custody.has(inode)) peer.connection.send({ type: 'holds' })
    if (cut) {
      peer.connection.send({ type: 'full' })
      this.#members.meetLater(peer)
    }
    if (this.#factors.size > 0) {
      peer.connection.send({ type: 'balance', factors: this.#factors })
    }
    this.#offers.forget(inode)
    this.#learnPolicy(peer.policy)
    for (const orphan of this.#sent) this.#sendOrphan(orphan, peer)
    this.#look()
  }

  /** Holds a duplicate, if it is what its sender says. */
  #hold(inode: number, duplicate: number): void {
    if (isOfGroup(this.key, duplicate, inode)) this.#take(inode, duplicate)
    else native.close(duplicate)
  }

  #take(inode: number, socket: number): void {
    const isNew = !this.#custody.has(inode)
    this.#custody.hold(inode, socket)
    if (isNew) this.#options.onChange?.()
  }

  #release(inode: number): void {
    this.#custody.release(inode)
    this.#options.onChange?.()
  }

  #hear(peer: Peer, message: Message): void {
    switch (message.type) {
      case 'policy':
        this.#learnPolicy(message.policy)
        break
      case 'wanted': {
        const socket = this.#custody.socketOf(inodeOfId(message.id))
        if (socket !== undefined) peer.connection.send({ type: 'held', id: message.id }, socket)
        break
      }
      default: {
        const out = this.#offers.hear(peer, message)
        if (out !== null) this.#release(out)
      }
    }
  }

  /** A process that is not a member may have taken a listener out of the group without telling anybody. */
  #dropRetired(): void {
    for (const [inode, socket] of this.#custody.sockets) {
      if (!isOfGroup(this.key, socket, inode)) this.#release(inode)
    }
  }

  #learnPolicy(policy: DatedPolicy): void {
    if (policy.sequence > this.#policy.sequence) this.#policy = policy
  }

  #give(connection: Connection): void {
    const orphan = this.offerOrphan()
    if (orphan === null) connection.send({ type: 'none' })
    else connection.send({ type: 'orphan', inode: orphan.inode }, orphan.socket)
  }

  /**
   * A listener that only the keeper has still gets its share of new connections, and nobody would
   * serve them: there may be more listeners than members.
   */
  #sendOrphans(): void {
    const { orphans } = this.#offers
    for (const inode of this.#sent) {
      if (!orphans.has(inode)) this.#sent.delete(inode)
    }
    for (const inode of orphans) {
      if (this.#sent.has(inode)) continue
      this.#sent.add(inode)
      for (const peer of this.#members.present) this.#sendOrphan(inode, peer)
    }
  }

  #sendOrphan(inode: number, peer: Peer): void {
    const socket = this.#custody.socketOf(inode)
    if (socket === undefined || isKeeper(peer) || !this.#offers.isOrphan(inode)) return
    peer.connection.send({ type: 'orphan', inode }, socket)
  }

  /** Starts the hold time if no member is there any longer, and stops it if one is. */
  #look(): void {
    this.#dropRetired()
    this.#sendOrphans()
    this.#unserved?.look()
    const isAbandoned =
      this.#offers.orphans.size === this.listeners.size && !this.#members.hasServers
    if (!isAbandoned) {
      clearTimeout(this.#giveUpTimer)
      this.#giveUpTimer = undefined
      return
    }
    this.#giveUpTimer ??= setTimeout(() => {
      this.close()
      this.#options.onGivenUp?.()
    }, this.#options.holdTimeout).unref()
  }
}

/**
 * Keeps the listeners of a group.
 *
 * @param key the group's key; {@link keyOf} returns that of a listener
 */
export function keepGroup(key: string, options: KeeperOptions): Keeper {
  return new Keeper(key, options)
}

/** The group's name, among processes of this user, of a listening TCP socket or a bound UDP socket. */
export function keyOf(socket: number, protocol: Protocol): string {
  return new Group(socket, protocol).key
}
