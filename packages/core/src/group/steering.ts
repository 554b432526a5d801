import type { Protocol } from '../socket/native.js'
import { chooseFilter, type Filter } from '../steering/filter.js'
import type { GroupPolicy, SteeringPolicy } from '../steering/policy.js'
import { Arrangement } from './arrangement.js'
import { balancedWeights } from './balance.js'
import type { Connection } from './connection.js'
import type { Custody } from './custody.js'
import { FilterUpkeep } from './filter-upkeep.js'
import type { Group } from './group.js'
import type { Members } from './members.js'
import { type DatedPolicy, type Message, reasonOf } from './messages.js'
import type { Orphans } from './orphans.js'
import { inodeOfId, isKeeper, type Peer } from './peer.js'
import { requirePolicySupport } from './policy-support.js'
import type { Census } from './steering-decisions.js'

export interface SteeringOptions {
  group: Group
  /** The member's id. */
  id: string
  weight: number
  /** The policy to give to the group; `undefined` to keep the one that it has. */
  policy: GroupPolicy | undefined
  custody: Custody
  members: Members
  orphans(): Orphans
  /** Whether the member has left, so that its descriptor must no longer be used. */
  isOver(): boolean
  /** The group has another policy. */
  onPolicy(): void
}

/** How a member's group chooses who gets a new connection: its policy, its weights, and the filter. */
export class Steering {
  readonly arrangement: Arrangement
  readonly #options: SteeringOptions
  readonly #upkeep: FilterUpkeep
  /** The weights of the members' sockets and of the orphans, as the members state them. */
  readonly #weights = new Map<number, number>()
  #policy: DatedPolicy

  constructor(options: SteeringOptions) {
    const { group, weight, policy, members, custody } = options
    this.#options = options
    this.#policy = { policy: policy ?? 'hash', sequence: policy === undefined ? 0 : Date.now() }
    this.#weights.set(group.inode, weight)
    this.arrangement = new Arrangement(group, {
      census: () => this.census(),
      listeners: () => new Map([[group.inode, group.socket], ...custody.sockets]),
      hearNow: () => members.hearNow(),
      isOver: () => options.isOver(),
      onArranged: (arranged) => {
        members.broadcast({ type: 'arranged', ...arranged })
        this.#upkeep.watch()
      },
    })
    this.#upkeep = new FilterUpkeep({
      port: group.place.port,
      ...{ arrangement: this.arrangement, members },
      isPlain: () => this.isPlain(),
    })
    if (policy !== undefined) this.arrangement.claim()
  }

  /** The group's policy, as far as this member knows. */
  get policy(): DatedPolicy {
    return this.#policy
  }

  /** Something has changed that the filter may depend on. */
  schedule(): void {
    this.#upkeep.schedule()
  }

  /** Learns what a member says of itself, and tells a member that has just joined which filter there is. */
  meet(peer: Peer): void {
    const inode = inodeOfId(peer.id)
    if (!isKeeper(peer)) this.#weights.set(inode, peer.weight)
    // If it is known already, what a member says of itself may be older: it meets others more than once.
    const isKnown = this.arrangement.current.order.includes(inode)
    if (peer.index >= 0 && !isKnown) this.arrangement.learnIndex(peer.index, inode)
    const { current } = this.arrangement
    if (!peer.initiated && current.order.length > 0) {
      peer.connection.send({ type: 'arranged', ...current })
    }
    this.#hearPolicy(peer.policy)
  }

  /** Hears what another member says about the filter; returns whether the message was about that. */
  hear(peer: Peer, message: Message): boolean {
    switch (message.type) {
      case 'policy':
        peer.policy = message.policy
        if (this.#hearPolicy(message.policy)) this.#upkeep.schedule()
        return true
      case 'arranged':
        this.arrangement.learn(message)
        this.#upkeep.watch()
        return true
      case 'balance':
        if (!isKeeper(peer)) return true
        peer.factors = message.factors
        this.#upkeep.schedule()
        return true
      default:
        return false
    }
  }

  /** A socket is out of the group for good. */
  forget(inode: number): void {
    this.#weights.delete(inode)
  }

  /** What is known of the group now. */
  census(): Census {
    const { group, orphans } = this.#options
    const { retiring, inodes } = orphans()
    return {
      protocol: group.protocol,
      inodes: group.inodes(),
      policy: this.#policy.policy,
      weights: this.#balanced(),
      ...{ orphans: inodes, retiring },
    }
  }

  /** Whether the group has the kernel's own choice, and should have it. */
  isPlain(): boolean {
    if (this.arrangement.current.steered || this.#options.orphans().retiring.size > 0) return false
    return (
      this.#policy.policy === 'hash' && [...this.#balanced().values()].every((one) => one === 1)
    )
  }

  /**
   * Gives the group another policy.
   *
   * @throws RangeError if there is not exactly one weight for each member
   * @throws SystemError where the kernel refuses the filter
   */
  async steer(policy: SteeringPolicy): Promise<void> {
    const { group, members, onPolicy } = this.#options
    if (typeof policy === 'object' && 'weights' in policy) {
      const { weights } = policy
      await this.arrangement.attachBy((size) => weightsFilter(weights, size, group.protocol))
      return
    }
    // Members that have just joined are met first, so that the policy outlives this member.
    members.hearNow()
    this.#policy = { policy, sequence: Math.max(Date.now(), this.#policy.sequence + 1) }
    members.broadcast({ type: 'policy', policy: this.#policy })
    onPolicy()
    this.arrangement.claim()
    await this.arrangement.arrange(true)
  }

  /** Steers for a process that has asked for it, and tells that process how it went. */
  async steerFor(connection: Connection, policy: GroupPolicy): Promise<void> {
    try {
      requirePolicySupport(policy, this.#options.group.protocol)
      await this.steer(policy)
      connection.send({ type: 'done' })
    } catch (error) {
      connection.send({ type: 'failed', why: reasonOf(error) })
    }
  }

  /** Does nothing by itself any longer. */
  close(): void {
    this.#upkeep.close()
  }

  /** A policy that is newer than the known one is now the group's; returns whether it was newer. */
  #hearPolicy(policy: DatedPolicy): boolean {
    if (policy.sequence <= this.#policy.sequence) return false
    this.#policy = policy
    this.#options.onPolicy()
    return true
  }

  #balanced(): ReadonlyMap<number, number> {
    const { id, members } = this.#options
    return balancedWeights(this.#weights, id, members.present)
  }
}

function weightsFilter(weights: readonly number[], size: number, protocol: Protocol): Filter {
  if (weights.length !== size) {
    throw new RangeError(`steer: ${weights.length} weights for a group of ${size} members`)
  }
  const seats = weights.map((weight, index) => ({ index, weight, id: index }))
  return chooseFilter({ choice: protocol === 'udp' ? 'flow' : 'random', protocol, seats })
}
