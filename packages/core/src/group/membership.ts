import { nameMember } from '../inspect/member-names.js'
import { isSameProgram } from '../inspect/same-program.js'
import { isOfSystem } from '../lib/errors.js'
import { native, type Protocol } from '../socket/native.js'
import type { GroupPolicy, SteeringPolicy } from '../steering/policy.js'
import { announce, type Named } from './announcement.js'
import type { Connection } from './connection.js'
import { Custody } from './custody.js'
import type { LeaveReason } from './departure.js'
import { dutyFor, watchedBy } from './duties.js'
import { Exchange } from './exchange.js'
import { warnOfForeignFilter } from './foreign-filter.js'
import { Group } from './group.js'
import { handOverNow, handOverSoon } from './hand-over.js'
import { isLocal, registerLocal, unregisterLocal } from './local-members.js'
import { loopDelay } from './loop-delay.js'
import { Members } from './members.js'
import type { Introduction, Message } from './messages.js'
import { Orphans } from './orphans.js'
import { inodeOfId, type Peer } from './peer.js'
import { retireAll } from './retirement.js'
import type { Service } from './service.js'
import { Steering } from './steering.js'
import { lookForStrangers } from './strangers.js'
import { Succession } from './succession.js'
import { warn } from './warn.js'

export interface MembershipOptions {
  /** The member's share, relative to the others'. Default 1. */
  weight?: number | undefined
  /** The policy to give to the group; without it, the group keeps the one that it has. */
  steering?: GroupPolicy | undefined
  /** Whether it shares with the same program only. */
  only?: boolean
  /** Whether it takes what waits at members that are alive. Default `true`. */
  rescue?: boolean
  /** Whether a supervisor holds the socket too, and keeps it. */
  inherited?: boolean
  /** The index of its socket in the group, if known; otherwise -1. */
  index?: number
  /** Whom it names on standard error, when it has joined them. Default nobody. */
  named?: () => Named
}

/** How a member has left its group. */
export interface Departure {
  /** How many others serve in its place. */
  successors: number
  /** Whether another member, or a supervisor, is known to hold its socket. */
  isHeld: boolean
  /** If nobody else holds its socket: the retirement that is in progress. */
  retirement: Promise<{ reason: LeaveReason | null; drained: number }> | null
}

/**
 * One socket's time in its group, from its listening to its close. Linux only.
 *
 * It is `joined` until its own socket closes. If other members hold that socket, the membership has then
 * `ended`; if only programs without @reuse are left, it is `leaving` until the socket is empty.
 */
export class Membership {
  readonly group: Group
  readonly #options: MembershipOptions
  readonly #id: string
  readonly #members: Members
  readonly #custody: Custody
  readonly #exchange: Exchange
  readonly #orphans: Orphans
  readonly #succession: Succession
  readonly #steering: Steering
  #state: 'joined' | 'leaving' | 'ended' = 'joined'
  #isAssigning = false
  #hasWarnedOfRoom = false
  #forgetStrangers = (): void => {}

  constructor(socket: number, protocol: Protocol, service: Service, options: MembershipOptions) {
    const group = new Group(socket, protocol)
    const { steering, weight = 1, index = -1 } = options
    const name = nameMember(group.key, group.inode)
    this.group = group
    this.#options = options
    this.#id = name.id
    this.#custody = new Custody(protocol, socket, service)
    this.#members = new Members(group.key, name, {
      introduce: (connection) => this.#introduce(connection),
      onMeet: (peer, attached, cut) => this.#meet(peer, attached, cut),
      onMessage: (peer, message) => this.#hear(peer, message),
      onDuplicate: (peer, inode, attached) => this.#keepDuplicate(peer, inode, attached),
      onGone: () => this.#lose(),
      onTake: (connection) => this.#giveOrphan(connection),
      onMeasure: (connection) =>
        connection.send({ type: 'measured', accepted: service.accepted(), delay: loopDelay() }),
      onSteer: (connection, policy) => this.#steering.steerFor(connection, policy),
    })
    const { only = false } = options
    this.#exchange = new Exchange({ custody: this.#custody, members: this.#members, only })
    this.#steering = new Steering({
      ...{ group, weight, id: name.id, policy: steering },
      ...{ custody: this.#custody, members: this.#members },
      orphans: () => this.#orphans,
      isOver: () => this.#state !== 'joined',
      onPolicy: () => this.#assignDuties(),
    })
    this.#orphans = new Orphans({
      key: group.key,
      ...{ only, protocol },
      custody: this.#custody,
      members: this.#members,
      arrangement: this.#steering.arrangement,
      onRetired: (inode) => this.#drop(inode),
    })
    this.#succession = new Succession({
      ...{ group, members: this.#members, orphans: this.#orphans },
      inherited: options.inherited ?? false,
    })
    if (index >= 0) this.#steering.arrangement.learnIndex(index, group.inode)
  }

  /** Meets the others. */
  join(): void {
    registerLocal(this.group.key, this.#id, this)
    try {
      this.#members.open()
    } catch (error) {
      const { port } = this.group.place
      const what = `the other members of port ${port} cannot see this member, and will not serve connections that wait at it`
      warn('REUSE_NOT_PRESENT', what, error)
    }
    this.#steering.schedule()
    this.#exchange.askSoon()
    this.#forgetStrangers = lookForStrangers(
      () => this.#strangers(),
      (strangers) => this.#tellOfOthers(strangers),
    )
  }

  /** Says who else is there, when that is known. */
  async #tellOfOthers(strangers: ReadonlySet<number>): Promise<void> {
    if (strangers.size > 0 && this.#steering.isPlain()) warnOfForeignFilter(this.group)
    await announce({
      group: this.group,
      named: this.#options.named ?? (() => 'nobody'),
      // Members that were there first are those that this one has connected to.
      memberPids: () =>
        this.#members.servers.flatMap(({ initiated, connection }) =>
          initiated ? connection.pid : [],
        ),
      strangers,
    })
  }

  // ---- the other members ----------------------------------------------------------------------

  #introduce(connection: Connection): { hello: Introduction; attached: number | null } {
    const { weight = 1, only = false, inherited = false } = this.#options
    // It is not that of the beginning any more when another socket has gone.
    const index = this.#steering.arrangement.current.order.indexOf(this.group.inode)
    const hello = { id: this.#id, index, weight, policy: this.#steering.policy, only }
    // A supervisor keeps what it has handed in.
    // The descriptor of a member that has left is already closed, and may be another socket's.
    const isFor = this.#state === 'joined' && !inherited && (!only || isSameProgram(connection.pid))
    return { hello, attached: isFor ? this.group.socket : null }
  }

  #meet(peer: Peer, attached: number | null, cut: boolean): void {
    const inode = inodeOfId(peer.id)
    if (attached !== null && !this.#keep(peer, inode, attached)) native.close(attached)
    if (this.#custody.has(inode)) peer.connection.send({ type: 'holds' })
    if (cut) this.#refuse(peer)
    this.#steering.meet(peer)
    this.#orphans.sendTo(peer)
    this.#assignDuties()
    this.#steering.schedule()
    // The peer may be about to leave, and hold what nobody else has.
    if (peer.initiated) this.#exchange.askSoon()
  }

  /** Takes a duplicate of a peer's listener into custody, if it is what it should be. */
  #keep(peer: Peer, inode: number, attached: number): boolean {
    const { only = false } = this.#options
    if (inode === this.group.inode || (only && !isSameProgram(peer.connection.pid))) return false
    if (this.#custody.has(inode)) return false
    if (!this.group.includes(attached, inode)) return false
    this.#custody.hold(inode, attached)
    this.#hasWarnedOfRoom = false
    return true
  }

  /** All members hold what one holds: that one may be the next to go. */
  #keepDuplicate(peer: Peer, inode: number, attached: number): void {
    if (!this.#keep(peer, inode, attached)) native.close(attached)
    this.#assignDuties()
    this.#steering.schedule()
  }

  #refuse(peer: Peer): void {
    peer.connection.send({ type: 'full' })
    this.#members.meetLater(peer)
    if (this.#hasWarnedOfRoom) return
    this.#hasWarnedOfRoom = true
    const { port } = this.group.place
    const what = `this process has no descriptor left to hold another member's listener on port ${port}`
    const why = 'raise its limit (ulimit -n): each other member needs two descriptors'
    warn('REUSE_NO_DESCRIPTORS', what, why)
  }

  #hear(peer: Peer, message: Message): void {
    switch (message.type) {
      case 'holds':
      case 'full':
        peer.holds = message.type === 'holds'
        this.#succession.look()
        break
      case 'wanted':
        this.#exchange.give(peer, message.id)
        break
      default: {
        if (this.#steering.hear(peer, message)) break
        const out = this.#orphans.hear(peer, message)
        if (out !== null) this.#drop(out)
      }
    }
  }

  /** The listener of a member that is gone lives on in its duplicates. */
  #lose(): void {
    this.#succession.look()
    this.#assignDuties()
    this.#steering.schedule()
  }

  /** A socket is out of the group for good. */
  #drop(inode: number): void {
    this.#custody.release(inode)
    this.#steering.forget(inode)
    this.#assignDuties()
  }

  // ---- who serves what ------------------------------------------------------------------------

  /** Assigns the duties once for everything that changes in this turn of the event loop, at its end. */
  #assignDuties(): void {
    if (this.#isAssigning) return
    this.#isAssigning = true
    setImmediate(() => {
      this.#isAssigning = false
      this.#assignNow()
    })
  }

  #assignNow(): void {
    if (this.#state !== 'joined') return
    const own = { id: this.#id, weight: this.#options.weight ?? 1 }
    const servers = [own, ...this.#members.servers]
    const { rescue = true } = this.#options
    const about = { servers, policy: this.#steering.policy.policy, protocol: this.group.protocol }
    const { owners } = this.#members
    const watched: ReadonlySet<string> = rescue ? watchedBy(servers) : new Set()
    for (const inode of this.#custody.inodes) {
      const owner = owners.get(inode)
      const isAbsent = owner !== undefined && !this.#members.isPresent(owner.id)
      // A member of this thread is busy when this one is.
      const rescues =
        owner !== undefined && watched.has(owner.id) && !isLocal(this.group.key, owner.id)
      const duty = dutyFor({ inode, owner, isAbsent, ...about, rescue: rescues })
      this.#custody.assign(inode, duty)
    }
    this.#orphans.look(servers)
  }

  #giveOrphan(connection: Connection): void {
    const orphan = this.offerOrphan(connection.pid)
    if (orphan === null) connection.send({ type: 'none' })
    else connection.send({ type: 'orphan', inode: orphan.inode }, orphan.socket)
    // The process that asked has its answer, and hangs up.
  }

  /** An orphan for a process that is about to listen; it stays in custody too. */
  offerOrphan(pid: number): { inode: number; socket: number } | null {
    const { only = false } = this.#options
    if (this.#state !== 'joined' || (only && !isSameProgram(pid))) return null
    return this.#orphans.offer()
  }

  /** The sockets of the group whose owners this member does not know. */
  #strangers(): ReadonlySet<number> {
    const orphans = this.#orphans.inodes
    const { owners } = this.#members
    const isKnown = (inode: number): boolean =>
      inode === this.group.inode || orphans.has(inode) || owners.has(inode)
    return new Set([...this.group.inodes()].filter((inode) => !isKnown(inode)))
  }

  /**
   * Gives the group another policy.
   *
   * @throws RangeError if there is not exactly one weight for each member
   * @throws SystemError where the kernel refuses the filter
   */
  steer(policy: SteeringPolicy): Promise<void> {
    return this.#steering.steer(policy)
  }

  // ---- leaving --------------------------------------------------------------------------------

  /** Resolves when another member holds the socket, when none will, or when the time is up. */
  held(milliseconds: number): Promise<void> {
    handOverNow()
    return this.#succession.held(milliseconds)
  }

  /** Whether the address is open without this member: others serve it, or will. */
  staysOpen(): boolean {
    handOverNow()
    return this.#succession.staysOpen()
  }

  /** Whether the socket outlives its close here, or there is nobody for whom it would have to. */
  isHeld(): boolean {
    handOverNow()
    return this.#succession.isHeld()
  }

  /**
   * Leaves the group; call it before the socket is closed. The others serve what waits there and
   * what is in the middle of its handshake. If only programs without @reuse are left, which hold
   * nothing, the socket lives on in a duplicate until it is empty and out of the group.
   *
   * @param deadline on the clock of `performance.now()`: whatever is not done before this time is given up
   */
  leave(deadline: number): Departure {
    if (this.#state !== 'joined') return { successors: 0, isHeld: false, retirement: null }
    // Members that have left in this turn are then gone, and those that have just joined are met, so that
    // they hold what this one leaves.
    handOverNow()
    this.#members.hearNow()
    const successors = this.#succession.count()
    const isHeld = this.#succession.isKnown()
    if (this.isHeld()) {
      this.#state = 'ended'
      this.#custody.stop()
      handOverSoon(() => this.#handOver())
      return { successors, isHeld, retirement: null }
    }
    // Listeners whose members have just gone are for this member to serve.
    this.#assignNow()
    this.#state = 'leaving'
    const retirement = retireAll({
      group: this.group,
      custody: this.#custody,
      orphans: this.#orphans.inodes,
      arranged: this.#steering.arrangement.current,
      census: () => this.#steering.census(),
      deadline,
    })
      .catch((failure: unknown) => {
        if (!isOfSystem(failure)) throw failure
        return { reason: 'unsupported' as const, drained: 0 } // No descriptor is left for a duplicate.
      })
      .finally(() => this.#end())
    this.#stop()
    return { successors, isHeld, retirement }
  }

  #handOver(): void {
    // Members hold what was sent to them, even if they have not said so yet.
    for (const peer of this.#members.present) {
      this.#orphans.sendTo(peer)
      this.#exchange.giveAllTo(peer)
    }
    this.#end()
  }

  #end(): void {
    this.#state = 'ended'
    this.#stop()
    this.#custody.close()
  }

  /** From now on nobody meets this member, and it does nothing by itself. */
  #stop(): void {
    unregisterLocal(this.group.key, this.#id)
    this.#exchange.close()
    this.#forgetStrangers()
    this.#steering.close()
    this.#orphans.close()
    this.#members.close()
    this.#succession.close()
  }
}

/**
 * Joins a group, or warns and continues without it: a sandbox that hides the group from its members
 * must not keep a server from serving.
 */
export function joinGroup(make: () => Membership): Membership | null {
  try {
    const membership = make()
    membership.join()
    return membership
  } catch (error) {
    const what =
      'this member cannot connect to its group: when it closes, connections that wait at it are reset'
    warn('REUSE_NOT_PRESENT', what, error)
    return null
  }
}
