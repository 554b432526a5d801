import { findHeldOutside } from '../inspect/outsiders.js'
import { searchGently } from '../inspect/processes.js'
import { attempt } from '../lib/attempt.js'
import { isOfSystem } from '../lib/errors.js'
import { retireLockKey, tryLock } from './lock.js'

/** How long an orphan waits for a process that begins to listen, in milliseconds. */
export const orphanPatience = 5000

/** How soon an orphan whose turn it is not is tried again, at first and at most, in milliseconds. */
const turn = { first: 50, most: 1000 }

/** How soon an orphan that could not be taken out is tried again, at first and at most, in milliseconds. */
const again = { first: 2000, most: 60_000 }

export interface RetireTurnsOptions {
  /** The group's. */
  key: string
  isOrphan(inode: number): boolean
  /** Takes an orphan out of the group; returns whether it is out for good. */
  retire(inode: number): Promise<boolean>
}

/**
 * When orphans are taken out of their group: each after some time, and one after the other, by the process
 * that has the lock for it.
 */
export class RetireTurns {
  readonly #options: RetireTurnsOptions
  readonly #timers = new Map<number, NodeJS.Timeout>()
  #closed = false

  constructor(options: RetireTurnsOptions) {
    this.#options = options
  }

  has(inode: number): boolean {
    return this.#timers.has(inode)
  }

  /** Drops all others; returns those that were waiting. */
  keepOnly(orphans: ReadonlySet<number>): number[] {
    const others = [...this.#timers].filter(([inode]) => !orphans.has(inode))
    for (const [inode, timer] of others) {
      clearTimeout(timer)
      this.#timers.delete(inode)
    }
    return others.map(([inode]) => inode)
  }

  /** An orphan is to be taken out after this many milliseconds. */
  add(inode: number, milliseconds: number): void {
    this.#wait(inode, milliseconds, { turns: 0, failures: 0 })
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  /** @param before how often it was not the orphan's turn since the last try, and how many tries failed */
  #wait(inode: number, milliseconds: number, before: { turns: number; failures: number }): void {
    const { turns, failures } = before
    const take = async (): Promise<void> => {
      const outcome = await this.#takeTurn(inode)
      if (outcome === 'is out') this.#timers.delete(inode)
      else if (this.#closed || !this.#options.isOrphan(inode)) return
      else if (outcome === 'waits') {
        const wait = Math.min(turn.first * 2 ** turns, turn.most)
        this.#wait(inode, wait, { turns: turns + 1, failures })
      } else {
        const wait = Math.min(again.first * 2 ** failures, again.most)
        this.#wait(inode, wait, { turns: 0, failures: failures + 1 })
      }
    }
    this.#timers.set(inode, setTimeout(take, milliseconds).unref())
  }

  async #takeTurn(inode: number): Promise<'is out' | 'stays' | 'waits'> {
    const { key } = this.#options
    // Without a descriptor for the lock, the orphan waits too.
    const lock = attempt(() => tryLock(retireLockKey(key))) ?? null
    if (lock === null) return 'waits'
    try {
      // A process that is not a member may serve it: to take it out would end that.
      const heldOutside = await searchGently(findHeldOutside(key, new Set([inode])))
      if (heldOutside.has(inode)) return 'stays'
      return (await this.#options.retire(inode)) ? 'is out' : 'stays'
    } catch (failure) {
      // No descriptor, no memory: the group keeps what it has.
      if (!isOfSystem(failure)) throw failure
      return 'stays'
    } finally {
      lock.release()
    }
  }
}
