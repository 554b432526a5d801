import {
  type Keeper,
  type KeeperOptions,
  keepGroup,
  keyOf,
  type NamedMember,
  type Queue,
  queueOf,
} from '@reuse/core/group'

/**
 * The groups of an app's workers, each with a keeper: their ports stay open, and what comes waits, while
 * no worker serves them.
 */
export class KeptGroups {
  readonly #keepers = new Map<string, Keeper>()
  readonly #options: Pick<KeeperOptions, 'holdTimeout' | 'retireOrphans'>
  readonly #onChange: () => void

  /**
   * @param options how long what comes waits for a worker, and whether the workers leave unserved what waits
   * at each other's listeners
   * @param onChange called when the listeners that are kept have changed
   */
  constructor(options: Pick<KeeperOptions, 'holdTimeout' | 'retireOrphans'>, onChange: () => void) {
    this.#options = options
    this.#onChange = onChange
  }

  /** The listeners that are kept, by inode. */
  get listeners(): ReadonlyMap<number, number> {
    return new Map([...this.#keepers.values()].flatMap(({ listeners }) => [...listeners]))
  }

  /** What waits at a member's socket; `null` if it is not held. */
  queueOf({ key, inode }: NamedMember): Queue | null {
    const socket = this.#keepers.get(key)?.listeners.get(inode)
    return socket === undefined ? null : queueOf(socket)
  }

  /** A member's share of what comes to its group, from 0 to 1; `null` if it is not known. */
  shareOf({ key, inode }: NamedMember): number | null {
    const weights = this.#keepers.get(key)?.weights
    const own = weights?.get(inode)
    if (weights === undefined || own === undefined) return null
    const sum = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
    return sum === 0 ? 1 / weights.size : own / sum
  }

  /** Multiplies the weights of a group's members, by their names; see `Keeper`. */
  balance(key: string, factors: ReadonlyMap<string, number>): void {
    this.#keepers.get(key)?.balance(factors)
  }

  /** Keeps a group from now on, until it has had no worker for `holdTimeout`. */
  keep(key: string): Keeper {
    const known = this.#keepers.get(key)
    if (known !== undefined) return known
    const keeper = keepGroup(key, {
      ...this.#options,
      onChange: () => this.#onChange(),
      onGivenUp: () => {
        this.#keepers.delete(key)
        this.#onChange()
      },
    })
    this.#keepers.set(key, keeper)
    return keeper
  }

  /**
   * Takes over a TCP listener: the first worker that listens there serves it.
   *
   * @throws a system error if it is not a descriptor
   */
  adopt(listener: number): void {
    this.keep(keyOf(listener, 'tcp')).adopt(listener)
  }

  close(): void {
    for (const keeper of this.#keepers.values()) keeper.close()
    this.#keepers.clear()
  }
}
