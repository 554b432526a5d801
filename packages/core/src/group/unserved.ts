import { native } from '../socket/native.js'
import { Arrangement } from './arrangement.js'
import type { Custody } from './custody.js'
import { departFrom } from './departure.js'
import { Group } from './group.js'
import type { Members } from './members.js'
import type { Offers } from './offers.js'
import { orphanPatience, RetireTurns } from './retire-turns.js'
import type { Census } from './steering-decisions.js'

/** How long what waits at an orphan is kept when the orphan gets nothing new, in milliseconds. */
const lastPatience = 2000

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
 * The orphans of a group whose members are programs without Node, which do not serve each other's
 * listeners. An orphan that nobody takes over would get its share of the new connections, and answer
 * none. So it is taken out of the group, and what waits there is refused.
 */
export class Unserved {
  readonly #options: UnservedOptions
  readonly #turns: RetireTurns
  #closed = false

  constructor(options: UnservedOptions) {
    this.#options = options
    this.#turns = new RetireTurns({
      key: options.key,
      isOrphan: (inode) => options.offers.isOrphan(inode),
      retire: (inode) => this.#retire(inode),
    })
  }

  /** Members have come or gone. Where none is left, the next one is waited for. */
  look(): void {
    const { offers, members } = this.#options
    const orphans = members.hasServers ? offers.orphans : new Set<number>()
    this.#turns.keepOnly(orphans)
    for (const inode of orphans) if (!this.#turns.has(inode)) this.#turns.add(inode, orphanPatience)
  }

  close(): void {
    this.#closed = true
    this.#turns.close()
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
    // Nobody serves what still waits there. If new connections cannot be kept from the orphan, they would
    // wait there too.
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
