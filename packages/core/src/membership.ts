import { rethrow } from './errors.js'
import { Group } from './group.js'
import { native, type Protocol } from './native.js'
import { Presence } from './presence.js'

/** How long putting the group right may wait for others who do so, or who leave. */
const arrangeTimeout = 30_000

export interface MembershipOptions {
  /** Whether the socket stays in the group when this process closes it: others hold it too. */
  stays: boolean
  /** Whether the socket shares with nobody. */
  exclusive: boolean
}

/** One socket's time in its group, from its listening to its close. Linux only. */
export class Membership {
  readonly group: Group
  readonly stays: boolean
  readonly #presence: Presence | null
  #ended = false
  #arranging = false

  constructor(socket: number, protocol: Protocol, { stays, exclusive }: MembershipOptions) {
    this.group = new Group(socket, protocol)
    this.stays = stays
    this.#presence = exclusive ? null : new Presence(this.group, () => this.#arrangeSoon())
    // Whoever left or died before may have left a program that knows nothing of this member.
    if (!exclusive) this.#arrangeSoon()
  }

  #arrangeSoon(): void {
    this.arrange().catch((error) => {
      const { port } = this.group.place
      process.emitWarning(
        `@reuse: the group of port ${port} cannot be arranged: ${error.message}`,
        {
          code: 'REUSE_NOT_ARRANGED',
        },
      )
    })
  }

  /** Gives the group the program of its policy, when nobody else is changing it. */
  async arrange(): Promise<void> {
    if (this.#arranging || this.#ended) return
    this.#arranging = true
    const lock = await this.group.lock(performance.now() + arrangeTimeout)
    this.#arranging = false
    if (lock === null) return
    try {
      if (!this.#ended) rethrow(() => native.detachFilter(this.group.socket))
    } finally {
      lock.release()
    }
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The socket is about to be closed. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#presence?.close()
  }
}
