import { listMembers, type MemberName, memberName } from '../inspect/member-names.js'
import { processExists } from '../inspect/processes.js'
import { attempt } from '../lib/attempt.js'
import { noteUser } from '../lib/own-user.js'
import { native } from '../socket/native.js'
import type { GroupPolicy } from '../steering/policy.js'
import { Connection } from './connection.js'
import type { Server } from './duties.js'
import { Endpoint } from './endpoint.js'
import type { Introduction, Message } from './messages.js'
import { inodeOfId, isKeeper, type Peer } from './peer.js'

/** How often a member that is not met is looked for, in milliseconds. */
const seekInterval = { first: 5, last: 1000 }

/** How long a member for which there was no room is left alone, in milliseconds. */
const roomInterval = 3000

/** How many connections that have said nothing are kept. */
const mostUnknown = 64

export interface MembersHandlers {
  /** What this member says of itself to another, and the descriptor that goes with it. */
  introduce(connection: Connection): { hello: Introduction; attached: number | null }
  /** A member is there. @param attached what came with its hello, now the handler's to close */
  onMeet(peer: Peer, attached: number | null, cut: boolean): void
  onMessage(peer: Peer, message: Message): void
  /** A member has sent a duplicate of another's listener, now the handler's to close. */
  onDuplicate(peer: Peer, inode: number, attached: number): void
  /** A member has left, or died, or has ended its connection although its name is still there. */
  onGone(): void
  /** A process that is about to listen asks for an orphan. */
  onTake(connection: Connection): void
  /** A process that is not a member, such as a process manager, asks what this member does. */
  onMeasure(connection: Connection): void
  /** A process that is not a member, such as a command, asks for another policy. */
  onSteer(connection: Connection, policy: GroupPolicy): void
}

/**
 * The other members of a group. Each presents itself by a name, and every two have one connection,
 * whose end tells each of them that the other has died.
 *
 * A member is `present` as long as its connection is, and `absent` when the connection has ended and
 * its name is still there: the member is busy, or had no room, and is met again. A member whose name is
 * gone has ended.
 */
export class Members {
  readonly #key: string
  readonly #name: MemberName
  readonly #handlers: MembersHandlers
  readonly #present = new Map<string, Peer>()
  readonly #absent = new Map<string, Peer>()
  /** The timers for looking for members that are not met. */
  readonly #seeking = new Map<string, NodeJS.Timeout>()
  /**
   * The connections that this member has made and that have not said hello yet, and whether this
   * member's listener went with its own hello.
   */
  readonly #expected = new Map<Connection, { id: string; isGiven: boolean }>()
  /** The connections that others have made and that have not said yet what they want. */
  readonly #unknown = new Set<Connection>()
  #endpoint: Endpoint | null = null
  #closed = false

  constructor(key: string, name: MemberName, handlers: MembersHandlers) {
    noteUser()
    this.#key = key
    this.#name = name
    this.#handlers = handlers
  }

  /**
   * Meets all members that are there. What this sends them has arrived when it returns, even if they are
   * busy.
   *
   * @throws a system failure where the system does not allow it; it is retried automatically
   */
  open(): void {
    if (this.#closed) return
    try {
      // First its own name, then the others': if two members join at once, one sees the other.
      this.#endpoint ??= new Endpoint(this.#name.name, (connection) =>
        this.#receive(connection, false),
      )
      for (const { id } of listMembers(this.#key)) {
        if (id !== this.#name.id && !this.#present.has(id)) this.#seek(id, seekInterval.first)
      }
    } catch (error) {
      const again = (): unknown => attempt(() => this.open())
      this.#seeking.set('', setTimeout(again, seekInterval.last).unref())
      throw error
    }
  }

  get present(): readonly Peer[] {
    return [...this.#present.values()]
  }

  /** The present members that serve. */
  get servers(): readonly Peer[] {
    return this.present.filter((peer) => !isKeeper(peer))
  }

  /** The ids of the members that have been sent this member's hello and have not answered yet. */
  get expected(): readonly string[] {
    return [...this.#expected.values()].map(({ id }) => id)
  }

  /** The ids of those among them that have been sent a duplicate of this member's listener. */
  get expectedHolders(): readonly string[] {
    return [...this.#expected.values()].flatMap(({ id, isGiven }) => (isGiven ? id : []))
  }

  /** The owners of sockets, by inode: members that are present, absent, or have not said hello yet. */
  get owners(): ReadonlyMap<number, Server> {
    const expected = this.expected.map((id) => ({ id, weight: 1 }))
    const known = [...expected, ...this.#absent.values(), ...this.#present.values()]
    return new Map(known.map((one) => [inodeOfId(one.id), one]))
  }

  /** The member whose socket has this inode. */
  ownerOf(inode: number): Server | undefined {
    return this.owners.get(inode)
  }

  /** Whether a member that serves is there, or may be there: a busy one counts. */
  get hasServers(): boolean {
    const ids = [...this.#present.keys(), ...this.#absent.keys(), ...this.expected]
    return ids.some((id) => !isKeeper({ id }))
  }

  isPresent(id: string): boolean {
    return this.#present.has(id)
  }

  /** This member's place among those that serve. */
  get rank(): number {
    return this.servers.filter(({ id }) => id < this.#name.id).length
  }

  /** Tells all, including members that have not answered yet: they read this after the hello. */
  broadcast(message: Message): void {
    const connections = this.present.map(({ connection }) => connection)
    for (const connection of [...connections, ...this.#expected.keys()]) connection.send(message)
  }

  /** Hears what the others have said so far. */
  hearNow(): void {
    this.#endpoint?.acceptNow()
    const known = this.present.map(({ connection }) => connection)
    const others = [...this.#expected.keys(), ...this.#unknown, ...known]
    for (const connection of others) connection.hearNow()
  }

  close(): void {
    this.#closed = true
    this.#endpoint?.close()
    for (const timer of this.#seeking.values()) clearTimeout(timer)
    for (const connection of [...this.#expected.keys(), ...this.#unknown]) connection.close()
    for (const { connection } of this.present) connection.close()
    this.#present.clear()
    this.#absent.clear()
    this.#seeking.clear()
    this.#expected.clear()
    this.#unknown.clear()
  }

  /** Connects to a member; returns whether a process of this user has its name. */
  #connect(id: string): boolean {
    if ([...this.#expected.values()].some((expected) => expected.id === id)) return true
    const connection = Connection.to(memberName(this.#key, id))
    if (connection instanceof Connection) {
      this.#expected.set(connection, { id, isGiven: false })
      this.#receive(connection, true)
      const isGiven = this.#sayHello(connection)
      if (this.#expected.has(connection)) this.#expected.set(connection, { id, isGiven })
    }
    return connection === 'busy' ? !this.#hasEnded(id) : connection !== 'nobody'
  }

  /** Whether a member whose name is taken has ended: another user may have the name, and let nobody in. */
  #hasEnded(id: string): boolean {
    const pid = this.#absent.get(id)?.connection.pid ?? 0
    return pid !== 0 && !processExists(pid)
  }

  /** Returns whether this member's listener went with the hello. */
  #sayHello(connection: Connection): boolean {
    const { hello, attached } = this.#handlers.introduce(connection)
    return connection.send({ type: 'hello', ...hello }, attached) && attached !== null
  }

  /** Reads from a connection until it says who it is. */
  #receive(connection: Connection, initiated: boolean): void {
    if (!initiated) this.#unknown.add(connection)
    const [oldest] = this.#unknown
    if (this.#unknown.size > mostUnknown && oldest !== undefined) {
      this.#unknown.delete(oldest)
      oldest.close()
    }
    const isKnown = (): void => {
      this.#expected.delete(connection)
      this.#unknown.delete(connection)
    }
    connection.listen({
      onMessage: (message, attached, cut) => {
        if (message.type === 'hello') {
          const isGiven = this.#expected.get(connection)?.isGiven ?? false
          isKnown()
          this.#meet(connection, initiated ? { isGiven } : null, message, attached, cut)
          return
        }
        if (attached !== null) native.close(attached)
        if (initiated || !this.#answer(connection, message)) {
          isKnown()
          connection.close()
        }
      },
      onHangUp: () => {
        // A member that has not said hello may have died; it is still looked for as before.
        const wasExpected = this.#expected.has(connection)
        isKnown()
        if (wasExpected) this.#handlers.onGone()
      },
    })
  }

  /** Answers a process that is not a member, which hangs up itself; returns whether that was a question. */
  #answer(connection: Connection, message: Message): boolean {
    switch (message.type) {
      case 'take':
        this.#handlers.onTake(connection)
        return true
      case 'about':
        connection.send({ type: 'hello', ...this.#handlers.introduce(connection).hello })
        return true
      case 'measure':
        this.#handlers.onMeasure(connection)
        return true
      case 'steer':
        this.#handlers.onSteer(connection, message.policy)
        return true
      default:
        return false
    }
  }

  /** @param own what went with this member's own hello; `null` where the other side has connected */
  #meet(
    connection: Connection,
    own: { isGiven: boolean } | null,
    { id, index, weight, policy, only }: Introduction,
    attached: number | null,
    cut: boolean,
  ): void {
    const initiated = own !== null
    const before = this.#present.get(id)
    if (this.#closed || id === this.#name.id || !this.#isBetter(id, initiated, before)) {
      if (attached !== null) native.close(attached)
      connection.close()
      return
    }
    before?.connection.close()
    clearTimeout(this.#seeking.get(id))
    this.#seeking.delete(id)
    this.#absent.delete(id)

    const said = { id, index, weight, policy, only }
    const isGiven = own === null ? this.#sayHello(connection) : own.isGiven
    const holds = isGiven ? null : false
    const met = process.uptime()
    const factors = new Map<string, number>()
    const peer: Peer = { ...said, connection, initiated, holds, met, retires: null, factors }
    this.#present.set(id, peer)
    connection.listen({
      onMessage: (message, socket) => this.#hear(peer, message, socket),
      onHangUp: () => this.#lose(peer),
    })
    this.#handlers.onMeet(peer, attached, cut)
  }

  /** Of two connections between two members, both keep the one made by the member whose id sorts first. */
  #isBetter(id: string, initiated: boolean, before: Peer | undefined): boolean {
    if (before === undefined || initiated === before.initiated) return true
    return initiated === this.#name.id < id
  }

  #hear(peer: Peer, message: Message, attached: number | null): void {
    if (message.type === 'orphan' && attached !== null) {
      this.#handlers.onDuplicate(peer, message.inode, attached)
      return
    }
    if (message.type === 'held' && attached !== null) {
      // First looks for the listener's member: it may have joined later, and then this is no orphan.
      if (message.id !== this.#name.id) this.#seek(message.id, seekInterval.first)
      this.#handlers.onDuplicate(peer, inodeOfId(message.id), attached)
      return
    }
    if (attached !== null) native.close(attached)
    if (isFirst(message)) {
      peer.connection.close()
      this.#lose(peer)
    } else {
      this.#handlers.onMessage(peer, message)
    }
  }

  /** Meets a member again after a while, because there is no room for its listener now. */
  meetLater(peer: Peer): void {
    if (this.#seeking.has(peer.id)) return
    const again = (): void => {
      this.#seeking.delete(peer.id)
      peer.connection.close()
      this.#lose(peer)
    }
    this.#seeking.set(peer.id, setTimeout(again, roomInterval).unref())
  }

  #lose(peer: Peer): void {
    if (this.#closed || this.#present.get(peer.id) !== peer) return
    this.#present.delete(peer.id)
    this.#absent.set(peer.id, peer)
    this.#seek(peer.id, seekInterval.first)
    if (this.#absent.has(peer.id)) this.#handlers.onGone()
  }

  /** A member whose name is gone has ended; one that still has its name is met, or looked for again. */
  #seek(id: string, wait: number): void {
    if (this.#closed || this.#present.has(id)) return
    if (this.#connect(id)) {
      const next = Math.min(wait * 4, seekInterval.last)
      clearTimeout(this.#seeking.get(id))
      this.#seeking.set(id, setTimeout(() => this.#seek(id, next), wait).unref())
      return
    }
    this.#seeking.delete(id)
    this.#absent.delete(id)
    this.#handlers.onGone()
  }
}

const firsts: readonly Message['type'][] = ['hello', 'take', 'about', 'measure', 'steer']

/** Whether it is said first on a connection, and by members only once. */
function isFirst({ type }: Message): boolean {
  return firsts.includes(type)
}
