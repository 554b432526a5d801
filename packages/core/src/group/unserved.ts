import { isOfSystem } from '../lib/errors.js'
import { native } from '../socket/native.js'
import { Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom } from './departure.js'
import { Group } from './group.js'
import { retireLockKey, tryLock } from './lock.js'
import type { Members } from './members.js'
import type { Offers } from './offers.js'
import type { Census } from './steering-decisions.js'

/** How long an orphan waits for somebody who begins to listen, in milliseconds: as members wait. */
const patience = 5000

/** How long what waits at it is kept when it gets nothing new any more, in milliseconds. */
const lastPatience = 2000

/** How soon one that has to wait its turn, or could not be taken out, is tried again, in milliseconds. */
const again = 1000

export interface UnservedOptions {
  /** The group's. */
  key: string
  custody: Custody
  members: Members
  offers: Offers
  /** What is known of the group's members. */
  census(): Pick<Census, 'policy' | 'weights'>
  onRetired(inode: number): void
}

/**
 * The orphans of a group whose members are programs without Node: they do not serve each other's listeners. One
 * that nobody takes over would get its share of the new connections, and answer none. So it is taken out of the
 * group, and what waits there is refused.
 */
export class Unserved {
  readonly #options: UnservedOptions
  readonly #timers = new Map<number, NodeJS.Timeout>()
  #closed = false

  constructor(options: UnservedOptions) {
    this.#options = options
  }

  /** Members have come or gone. Where none is left, the next one is waited for. */
  look(): void {
    const { offers, members } = this.#options
    const orphans = members.hasServers ? offers.orphans : new Set<number>()
    for (const [inode, timer] of this.#timers) {
      if (orphans.has(inode)) continue
      clearTimeout(timer)
      this.#timers.delete(inode)
    }
    for (const inode of orphans) if (!this.#timers.has(inode)) this.#retireLater(inode, patience)
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #retireLater(inode: number, milliseconds: number): void {
    const retire = async (): Promise<void> => {
      const isOut = await this.#retireInTurn(inode)
      if (isOut || this.#closed || !this.#options.offers.isOrphan(inode)) this.#timers.delete(inode)
      else this.#retireLater(inode, again)
    }
    this.#timers.set(inode, setTimeout(retire, milliseconds).unref())
  }

  async #retireInTurn(inode: number): Promise<boolean> {
    try {
      const lock = tryLock(retireLockKey(this.#options.key))
      if (lock === null) return false
      try {
        return await this.#retire(inode)
      } finally {
        lock.release()
      }
    } catch (failure) {
      // No descriptor, no memory: it is tried again.
      if (!isOfSystem(failure)) throw failure
      return false
    }
  }

  /** @returns whether it is out of the group */
  async #retire(inode: number): Promise<boolean> {
    const { custody, members, offers, onRetired } = this.#options
    members.hearNow() // Somebody may have taken it, and said so a moment ago.
    const socket = custody.socketOf(inode)
    // The group is arranged by a listener that stays.
    const stays = custody.inodes.find((one) => !offers.isOrphan(one))
    if (socket === undefined || stays === undefined || !offers.isFree(inode)) return false
    const group = new Group(socket, 'tcp')
    const retiring = new Set([inode])
    const arrangement = this.#arrangementOf(stays, retiring)
    const isTaken = (): boolean => this.#closed || !offers.isFree(inode)
    members.broadcast({ type: 'retiring', inode })
    const reason = await departFrom({
      ...{ group, arrangement, isLast: false, isGivenUp: isTaken },
      deadline: performance.now() + lastPatience,
    })
    // What waits there still has nobody. Where new connections cannot be kept from it, they would wait there too.
    const out = (): void => native.shutDown(socket)
    if (reason === 'timeout') {
      await arrangement.take(inode, arrangement.current, () => !isTaken(), out)
    } else if (reason !== null && !isTaken()) out()
    const isOut = !group.includes(socket, inode)
    if (this.#closed) return false
    if (isOut) onRetired(inode)
    members.broadcast({ type: isOut ? 'retired' : 'kept', inode })
    retiring.clear()
    await arrangement.arrange(true)
    return isOut
  }

  /** @param by the listener by which the group is arranged */
  #arrangementOf(by: number, retiring: ReadonlySet<number>): Arrangement {
    const { custody, members, offers, census } = this.#options
    const group = new Group(custody.socketOf(by) ?? -1, 'tcp')
    return new Arrangement(group, {
      census: () => ({
        ...{ ...census(), protocol: 'tcp', retiring },
        ...{ inodes: group.inodes(), orphans: offers.orphans },
      }),
      listeners: () => custody.sockets,
      hearNow: () => members.hearNow(),
      isOver: () => this.#closed || !custody.has(by),
      onArranged: () => {},
    })
  }
}
