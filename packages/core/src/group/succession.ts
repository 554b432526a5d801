import { attempt } from '../lib/attempt.js'
import type { Group } from './group.js'
import type { Members } from './members.js'
import type { Orphans } from './orphans.js'
import { isKeeper } from './peer.js'

/** How often to check whether another member holds the socket now, in milliseconds. */
const interval = 100

export interface SuccessionOptions {
  group: Group
  members: Members
  orphans: Orphans
  /** Whether a supervisor holds the socket too, and keeps it. */
  inherited: boolean
}

/** Who else holds a member's socket, and who serves in the member's place when it has closed. */
export class Succession {
  readonly #options: SuccessionOptions
  /** What resumes the callers that wait until another member holds the socket. */
  #waiting: (() => void)[] = []
  #closed = false

  constructor(options: SuccessionOptions) {
    this.#options = options
  }

  /** Resolves when another member holds the socket, when none will, or when the time is up. */
  async held(milliseconds: number): Promise<void> {
    const deadline = performance.now() + milliseconds
    const { inherited, members } = this.#options
    if (inherited) return
    members.hearNow()
    while (!this.#closed && this.#mayBeHeld() && !this.#isSaid()) {
      const left = deadline - performance.now()
      if (left <= 0) return
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
        setTimeout(resolve, Math.min(left, interval)).unref()
      })
    }
  }

  /** Somebody has said whether it holds the socket, or has gone. */
  look(): void {
    for (const resolve of this.#waiting.splice(0)) resolve()
  }

  /** Nobody waits from now on. */
  close(): void {
    this.#closed = true
    this.look()
  }

  /** Whether somebody is known to hold the socket too. */
  isKnown(): boolean {
    return this.#isSaid() || this.#options.inherited
  }

  /** How many others serve the address: members; where there are none, programs without @reuse. */
  count(): number {
    const { group, members, orphans, inherited } = this.#options
    const servers = this.#holders().filter((id) => !isKeeper({ id })).length
    if (servers > 0) return servers
    if (inherited) return members.servers.length
    const sockets = attempt(() => group.inodes().size) ?? 1
    return Math.max(0, sockets - 1 - orphans.inodes.size)
  }

  /** Whether the address is open without this member: others serve it, or will. */
  staysOpen(): boolean {
    return this.#outlivesClose() || this.count() > 0
  }

  /** Whether the socket outlives its close here, or there is nobody for whom it would have to. */
  isHeld(): boolean {
    return this.#outlivesClose() || this.count() === 0
  }

  /** Whether somebody holds the socket too: another member, a keeper, or the supervisor it came from. */
  #outlivesClose(): boolean {
    return this.#mayBeHeld() || this.#options.inherited
  }

  #isSaid(): boolean {
    return this.#options.members.present.some(({ holds }) => holds === true)
  }

  #mayBeHeld(): boolean {
    return this.#holders().length > 0
  }

  /** The ids of those that have been sent a duplicate, and have not refused it. */
  #holders(): string[] {
    const { members } = this.#options
    const present = members.present.flatMap(({ id, holds }) => (holds === false ? [] : id))
    return [...present, ...members.expectedHolders]
  }
}
