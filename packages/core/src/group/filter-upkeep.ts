import { attempt } from '../lib/attempt.js'
import type { Arrangement } from './arrangement.js'
import type { Members } from './members.js'
import { warn } from './warn.js'

/** How much longer each further member waits before it does what the one before has not done. */
const step = { arrange: 25, watch: 250 }

/** How long any member waits at most to arrange the group, in milliseconds. */
const mostWait = 500

/** How long the hellos of members that were there before may take, in milliseconds. */
const helloPatience = 100

export interface FilterUpkeepOptions {
  port: number
  arrangement: Arrangement
  members: Members
  /** Whether the group has the kernel's own choice, and should have it. */
  isPlain(): boolean
}

/** Makes sure, in the background, that a group has its filter, from this member or another. */
export class FilterUpkeep {
  readonly #options: FilterUpkeepOptions
  /** In seconds; `performance` would load a module that a lone member does not need. */
  readonly #began = process.uptime()
  #arrangeTimer: NodeJS.Timeout | undefined
  #watchTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: FilterUpkeepOptions) {
    this.#options = options
  }

  /** Something has changed that the filter may depend on. */
  schedule(): void {
    const { members, isPlain } = this.#options
    if (this.#closed || this.#arrangeTimer !== undefined || isPlain()) return
    const age = (process.uptime() - this.#began) * 1000
    const hellos = members.expected.length > 0 ? Math.max(0, helloPatience - age) : 0
    const wait = Math.min(members.rank * step.arrange, mostWait) + hellos
    this.#arrangeTimer = setTimeout(() => {
      this.#arrangeTimer = undefined
      this.#arrange()
    }, wait).unref()
  }

  /**
   * A filter becomes wrong when a program without @reuse comes or goes, without telling anybody. It is
   * also wrong if the last member to change it did not know what this member knows.
   */
  watch(): void {
    clearTimeout(this.#watchTimer)
    const { members, arrangement, isPlain } = this.#options
    if (this.#closed || isPlain()) return
    const look = (): void => {
      if (attempt(() => arrangement.isRight()) === false) this.schedule()
      this.watch()
    }
    const wait = step.watch * (1 + Math.min(members.rank, 7))
    this.#watchTimer = setTimeout(look, wait).unref()
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#arrangeTimer)
    clearTimeout(this.#watchTimer)
  }

  #arrange(): void {
    const { arrangement, port } = this.#options
    arrangement.arrange(false).catch((error) => {
      if (this.#closed) return
      warn(
        'REUSE_NOT_ARRANGED',
        `the filter of the group on port ${port} cannot be attached`,
        error,
      )
    })
  }
}
