import { isUnchanged, programFor, takeCensus } from './arrangement.js'
import { attempt } from './attempt.js'
import { ReuseError, rethrow } from './errors.js'
import { Group } from './group.js'
import { native, type Protocol } from './native.js'
import { Announcement, Presence } from './presence.js'
import type { GroupPolicy, SteeringPolicy } from './steering/policy.js'
import { chooseProgram, encode, type Program } from './steering/program.js'

/** How long a change may wait for others who change the group, or leave it, in milliseconds. */
const lockPatience = 30_000

/** How often a group whose program names its members is looked at, in milliseconds. */
const watchInterval = 250

export interface MembershipOptions {
  /** Whether the socket stays in the group when this process closes it: others hold it too. */
  stays?: boolean
  /** The member's share beside the others'. */
  weight?: number | undefined
  /** The policy to give to the group; without, it keeps the one that it has. */
  steering?: GroupPolicy | undefined
}

/** One socket's time in its group, from its listening to its close. Linux only. */
export class Membership {
  readonly group: Group
  readonly stays: boolean
  readonly #presence: Presence
  readonly #isOpen: () => boolean
  #ended = false
  /** Whether the group may have a program that is not, or no longer, right for it. */
  #doubtful = false
  #puttingRight = false
  #watch: NodeJS.Timeout | undefined

  /** @param isOpen tells whether the socket is still the one that its owner uses */
  constructor(
    socket: number,
    protocol: Protocol,
    isOpen: () => boolean,
    { stays = false, weight = 1, steering }: MembershipOptions,
  ) {
    this.group = new Group(socket, protocol)
    this.stays = stays
    this.#isOpen = isOpen
    const { policy, sequence } = takeCensus(this.group)
    const news = steering === undefined ? { policy, sequence } : newer(steering, sequence)
    const entry = { inode: this.group.inode, weight, ...news }
    this.#presence = new Presence(this.group, entry, {
      onMark: (size) => {
        if (!this.ended) native.setOption(socket, 'TCP_MAXSEG', size)
      },
      onArranged: (watch) => {
        if (!this.ended) this.#noteArranged(watch)
      },
      onChange: () => this.#putRight(),
    })
    // Whoever left or died before may have left a program that knows nothing of this member.
    this.#putRight()
  }

  /** Whether the socket is closed, or about to be: its number may be another's by now. */
  get ended(): boolean {
    return this.#ended || !this.#isOpen()
  }

  /**
   * Gives the group another policy.
   *
   * @throws RangeError for weights that are not one for each member
   * @throws SystemError where the kernel refuses the program
   */
  async steer(policy: SteeringPolicy): Promise<void> {
    await this.#locked(async () => {
      if (typeof policy === 'object' && 'weights' in policy) {
        this.#attach(this.#programOf(policy.weights))
        this.#noteArranged(true)
        new Announcement(this.group).endArranged(true)
      } else {
        this.#presence.update(newer(policy, takeCensus(this.group).sequence))
        await this.#arrange('tell')
      }
    })
  }

  /** The socket is about to be closed. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    clearInterval(this.#watch)
    this.#presence.close()
  }

  #programOf(weights: readonly number[]): Program {
    const { protocol } = this.group
    const size = this.group.sockets().length
    if (weights.length !== size) {
      throw new RangeError(`steer: ${weights.length} weights for a group of ${size} members`)
    }
    const seats = weights.map((weight, index) => ({ index, weight, id: index }))
    return chooseProgram({ choice: protocol === 'udp' ? 'flow' : 'random', protocol, seats })
  }

  /** Sees to it, in the background, that the group gets the program of its policy. */
  #putRight(): void {
    this.#doubtful = true
    if (this.#puttingRight || this.ended) return
    this.#puttingRight = true
    const work = this.#locked(async () => {
      this.#puttingRight = false
      // Somebody else may have done it meanwhile.
      if (this.#doubtful) await this.#arrange()
    })
    work
      .catch((error) => {
        const { port } = this.group.place
        if (!this.ended) warn(`the group of port ${port} cannot be put right`, error)
      })
      .finally(() => {
        this.#puttingRight = false
      })
  }

  async #locked(change: () => Promise<void>): Promise<void> {
    const lock = await this.group.lock(performance.now() + lockPatience)
    if (lock === null) {
      throw new ReuseError('ERR_REUSE_LOCKED', 'others are changing the group all the time', {
        hint: 'A member that leaves, or is stopped while it does, holds the group. Try again.',
      })
    }
    try {
      if (!this.ended) await change()
    } finally {
      lock.release()
    }
  }

  /** Gives the group the program of its policy. Under the lock. */
  async #arrange(tell?: 'tell'): Promise<void> {
    let announcement: Announcement | undefined
    const announce = (): Announcement => {
      announcement ??= new Announcement(this.group)
      return announcement
    }
    for (;;) {
      const census = takeCensus(this.group)
      const program = await programFor(this.group, census, announce)
      if (this.ended) return announcement?.end()
      this.#attach(program)
      if (!isUnchanged(this.group, census)) continue

      this.#noteArranged(program !== null, census)
      if (tell) announce()
      announcement?.endArranged(program !== null)
      return
    }
  }

  /** Somebody, maybe this member, has given the group the program of its policy. */
  #noteArranged(watch: boolean, census = takeCensus(this.group)): void {
    this.#doubtful = false
    const { policy, sequence } = census
    this.#presence.update({ policy, sequence }) // The policy outlives whoever has set it.

    // A program is wrong when a member is killed, of which nobody is told: so each member looks now
    // and then.
    clearInterval(this.#watch)
    if (!watch) return
    this.#watch = setInterval(() => {
      const unchanged = attempt(() => isUnchanged(this.group, census))
      if (!this.ended && unchanged === false) this.#putRight()
    }, watchInterval).unref()
  }

  #attach(program: Program | null): void {
    const { socket } = this.group
    rethrow(
      () =>
        program === null
          ? native.detachFilter(socket)
          : native.attachFilter(socket, encode(program)),
      {
        hint: 'The kernel refuses the program: a sandbox, or a limit of option memory (net.core.optmem_max).',
      },
    )
  }
}

function newer(policy: GroupPolicy, than: number): { policy: GroupPolicy; sequence: number } {
  return { policy, sequence: than + 1 }
}

/**
 * Joins a group, or warns and goes on without: a sandbox that hides the group from its members must
 * not keep a server from serving.
 */
export function joinGroup(join: () => Membership): Membership | null {
  try {
    return join()
  } catch (error) {
    warn('a member cannot see its group, and will not leave it without a loss', error)
    return null
  }
}

function warn(what: string, why: unknown): void {
  const reason = why instanceof Error ? why.message : String(why)
  const about = { type: 'ReuseWarning', code: 'REUSE_NOT_ARRANGED' }
  process.emitWarning(`${what}: ${reason}`, about)
}
