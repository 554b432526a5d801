import { attempt } from '../lib/attempt.js'
import type { Arrangement } from './arrangement.js'
import type { Members } from './members.js'
import { warn } from './warn.js'

/** By how much each further member waits longer to do what the one before has not done. */
const step = { arrange: 25, watch: 250 }

/** How long any member waits at most to arrange the group, in milliseconds. */
const mostWait = 500

/** How long the hellos of those who were there before may take, in milliseconds. */
const helloPatience = 100

export interface FilterUpkeepOptions {
  port: number
  arrangement: Arrangement
  members: Members
  /** Whether the kernel's own choice is what the group has, and what it should have. */
  isPlain(): boolean
}

/** Sees to it, in the background, that a group has its filter: by this member or another. */
export class FilterUpkeep {
  readonly #options: FilterUpkeepOptions
  /** In seconds; `performance` would load a module for it that a lone member does not need. */
  readonly #began = process.uptime()
  #arrangeTimer: NodeJS.Timeout | undefined
  #watchTimer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: FilterUpkeepOptions) {
    this.#options = options
  }

  /** Something has changed on which the filter may depend. */
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
   * A filter is wrong when a program without @reuse comes or goes, which tells nobody; and when the
   * last to change it did not know what this member knows.
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
      warn('REUSE_NOT_ARRANGED', `the group of port ${port} cannot be given its filter`, error)
    })
  }
}
