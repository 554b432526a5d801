import fs from 'node:fs'
import net from 'node:net'
import { createInterface } from 'node:readline'
import type { Group } from './group.js'
import { formatPolicy, type GroupPolicy, parsePolicy } from './steering/policy.js'

/** What a member lets the others know. */
export interface Entry {
  /** By which the kernel's lists know its socket. */
  inode: number
  weight: number
  /** The group's policy as this member knows it. */
  policy: GroupPolicy
  /** How new that is: of all members' policies the one with the highest number is the group's. */
  sequence: number
}

/** What others may ask of a present member. */
export interface PresenceHandlers {
  /** Asks for segments of this size on new connections, until it is called with 0. */
  onMark(segmentSize: number): void
  /**
   * Somebody has changed the group and put it right.
   *
   * @param watch whether its program has to be put right again when a member is killed
   */
  onArranged(watch: boolean): void
  /** Somebody has changed the group, or died while changing it. */
  onChange(): void
}

/**
 * How the members of a group find each other without a server: each listens on an abstract Unix
 * socket whose name says which group it is in, its weight and the policy it knows. /proc/net/unix
 * lists the names to everyone in the network namespace, and the kernel removes a name with its
 * holder.
 *
 * Who changes the group for the others connects to each of them and stays connected meanwhile. When
 * the connection ends without a word, because its maker has left or is dead, the others put the
 * group right.
 */
export class Presence {
  readonly #group: Group
  readonly #handlers: PresenceHandlers
  #entry: Entry
  #server: net.Server

  constructor(group: Group, entry: Entry, handlers: PresenceHandlers) {
    this.#group = group
    this.#handlers = handlers
    this.#entry = entry
    this.#server = this.#listen(entry)
  }

  get entry(): Entry {
    return this.#entry
  }

  /** Changes what the others see. Connections live on. */
  update(change: Partial<Entry>): void {
    const entry = { ...this.#entry, ...change }
    if (nameOf(this.#group, entry) === nameOf(this.#group, this.#entry)) return
    const before = this.#server
    this.#entry = entry
    this.#server = this.#listen(entry)
    before.close()
  }

  close(): void {
    this.#server.close()
  }

  #listen(entry: Entry): net.Server {
    const server = net.createServer((connection) => this.#hear(connection))
    server.once('error', (error) => {
      const { port } = this.#group.place
      process.emitWarning(
        `the other members of port ${port} will not see this one: ${error.message}`,
        { type: 'ReuseWarning', code: 'REUSE_NOT_PRESENT' },
      )
    })
    // In a cluster worker: here, not in the primary. The process lives for its own servers only.
    const path = pathOf(nameOf(this.#group, entry))
    return server.listen({ path, exclusive: true }).unref()
  }

  #hear(connection: net.Socket): void {
    let marked = false
    let arranged = false
    connection.unref().on('error', () => {}) // It ends like any other.
    createInterface({ input: connection }).on('line', (line) => {
      const [word, number] = line.split(' ')
      if (word === 'mark') {
        marked = true
        this.#handlers.onMark(Number(number))
        connection.write('marked\n')
      } else if (word === 'arranged') {
        arranged = true
        this.#handlers.onArranged(number === 'watch')
      }
    })
    connection.once('close', () => {
      if (marked) this.#handlers.onMark(0)
      if (!arranged) this.#handlers.onChange()
    })
  }
}

/** A change that the other members are told of. It ends with a word to them, or without. */
export class Announcement {
  readonly #connections: Map<Entry, net.Socket>

  constructor(group: Group) {
    const others = presentMembers(group).filter(({ inode }) => inode !== group.inode)
    this.#connections = new Map(
      others.map((entry) => {
        const connection = net.connect({ path: pathOf(nameOf(group, entry)) }).unref()
        return [entry, connection.on('error', () => {})] // One that is gone needs no telling.
      }),
    )
  }

  /** How many others there are to tell. */
  get size(): number {
    return this.#connections.size
  }

  /**
   * Asks each of the others to ask for segments of a size of its own.
   *
   * @returns when all have answered, or after `patience` milliseconds; the sizes by inode
   */
  async mark(
    sizeOf: (position: number) => number,
    patience: number,
  ): Promise<ReadonlyMap<number, number>> {
    const sizes = new Map<number, number>()
    const asked = [...this.#connections].map(async ([{ inode }, connection], position) => {
      const size = sizeOf(position)
      connection.write(`mark ${size}\n`)
      await new Promise((resolve) => connection.once('data', resolve).once('close', resolve))
      if (!connection.destroyed) sizes.set(inode, size)
    })
    // Some may be too busy to answer: they go without a mark.
    let timer: NodeJS.Timeout | undefined
    const patient = new Promise((resolve) => {
      timer = setTimeout(resolve, patience)
    })
    await Promise.race([Promise.all(asked), patient])
    clearTimeout(timer)
    return new Map(sizes)
  }

  /** The group is as it should be; the others have nothing to do but to watch it, or not even that. */
  endArranged(watch: boolean): void {
    const word = watch ? 'arranged watch\n' : 'arranged\n'
    for (const connection of this.#connections.values()) connection.end(word)
  }

  /** The others have to put the group right. */
  end(): void {
    for (const connection of this.#connections.values()) connection.destroy()
  }
}

/** The members of a group that are programs with @reuse, as they present themselves. */
export function presentMembers(group: Group): Entry[] {
  const prefix = `reuse/${group.key}/`
  // The list shows zeros as @.
  const lines = fs.readFileSync('/proc/net/unix', 'utf8').matchAll(/ @(reuse\/[^@\s]+)@*$/gm)
  return [...lines].flatMap(([, name = '']) => {
    if (!name.startsWith(prefix)) return []
    const [inode, weight, policy = '', sequence] = name.slice(prefix.length).split('/')
    const entry = {
      inode: Number(inode),
      weight: Number(weight),
      policy: parsePolicy(policy),
      sequence: Number.parseInt(sequence ?? '', 36),
    }
    // Anybody may hold such a name: what makes no sense is nobody's.
    const { inode: number, weight: share, sequence: newness } = entry
    const sensible = number > 0 && share >= 0 && share < 1e6 && newness >= 0
    return sensible ? [entry] : []
  })
}

function nameOf(group: Group, { inode, weight, policy, sequence }: Entry): string {
  const values = [inode, weight, formatPolicy(policy), sequence.toString(36)]
  return `reuse/${group.key}/${values.join('/')}`
}

/** The length of an address of a Unix socket, sun_path; unix(7). */
const pathLength = 108

/**
 * The path of an abstract name. Node 20 fills it up with zeros, which are part of the name, and
 * later versions do not: so it is filled up here.
 */
function pathOf(name: string): string {
  return `\0${name}`.padEnd(pathLength, '\0')
}
