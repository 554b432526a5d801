import { setTimeout as sleep } from 'node:timers/promises'
import type { Group } from './group.js'
import type { Program } from './program.js'
import type { Tally } from './tally.js'

const actions = new Map<string, (program: Program) => Promise<void>>([
  ['restart', (program) => program.restart()],
  ['kill', (program) => program.kill()],
  ['stall', (program) => program.stall()],
  ['stop', (program) => program.stop()],
  ['start', (program) => program.start()],
])

/** How long requests are still counted when all is done, in ms: those in flight come to an end. */
const aftermath = 500

/** What a button did last, or is doing now. */
export interface Press {
  /** Such as `kill koa`. */
  what: string
  done: boolean
  /** What became of the requests meanwhile. */
  tallies: ReadonlyMap<Group, Tally>
}

/** What the page's buttons do: the same to every group at the same time, and one thing at a time. */
export class Buttons {
  readonly #groups: readonly Group[]
  readonly #signal: AbortSignal
  #last: Press | null = null

  constructor(groups: readonly Group[], signal: AbortSignal) {
    this.#groups = groups
    this.#signal = signal
  }

  get last(): Press | null {
    return this.#last
  }

  /**
   * @param name a program, or `all`: one after the other
   * @returns the HTTP status of the answer
   */
  press(name: string, action: string): number {
    const act = actions.get(action)
    const names = this.#groups[0]?.programs.map((program) => program.name) ?? []
    const chosen = names.filter((one) => one === name || name === 'all')
    if (act === undefined || chosen.length === 0) return 404
    if (this.#last?.done === false) return 409
    this.#do(`${action} ${name}`, chosen, act)
    return 202
  }

  async #do(what: string, names: string[], act: (program: Program) => Promise<void>) {
    const tallies = new Map(this.#groups.map((group) => [group, group.count()]))
    const press = { what, done: false, tallies }
    this.#last = press
    for (const name of names) {
      const programs = this.#groups.map((group) => group.programs.find((one) => one.name === name))
      // If a program does not start, the page shows how it ended.
      await Promise.allSettled(programs.map((program) => program && act(program)))
    }
    await sleep(aftermath, null, { signal: this.#signal }).catch(() => {}) // The signal ends the pause.
    for (const [group, tally] of tallies) group.endCount(tally)
    press.done = true
  }
}
