import { listMemberNames, type NamedMember } from '@reuse/core/group'
import { formatAddress } from '../../output/names.js'
import type { Worker } from '../worker.js'
import { NameOwners } from './name-owners.js'
import { hasRunLong } from './run-time.js'

/** How often to look while a worker starts, in milliseconds. */
const often = 20
/** How often otherwise: a worker may open further ports, or close some. */
const seldom = 2000
/**
 * Notices which groups the workers are members of, and so when they are ready: by the names that members
 * have, so that a worker does not have to say anything.
 */
export class MembershipWatch {
  readonly #workers: () => Iterable<Worker>
  readonly #onGroups: (keys: ReadonlySet<string>) => void
  /** The owner of each name that has been looked at, by the name's inode; `null` if no worker has it. */
  #owners = new Map<number, Worker | null>()
  #timer: NodeJS.Timeout | null = null
  #isClosed = false

  /** @param onGroups called after each look, with the groups that have a worker */
  constructor(workers: () => Iterable<Worker>, onGroups: (keys: ReadonlySet<string>) => void) {
    this.#workers = workers
    this.#onGroups = onGroups
  }

  /** A worker has been started: looks often, until it is ready. */
  hurry(): void {
    this.#lookIn(often)
  }

  /** Looks now, and from then on as often as necessary. */
  look(): void {
    const workers = [...this.#workers()]
    try {
      this.#assignGroups(workers)
    } catch {
      // No descriptor is left, or there is no /proc: what was known a moment ago stays.
    }
    for (const worker of workers) {
      if (isServing(worker, workers)) worker.setReady()
    }
    this.#onGroups(new Set(workers.flatMap(({ groups }) => [...groups.keys()])))
    const isStarting = workers.some(({ state }) => state === 'starting')
    this.#lookIn(isStarting ? often : seldom)
  }

  close(): void {
    this.#isClosed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
  }

  #lookIn(delay: number): void {
    if (this.#isClosed) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.look(), delay)
  }

  #assignGroups(workers: readonly Worker[]): void {
    const owners = new Map<number, Worker | null>()
    const groups = new Map(workers.map((worker) => [worker, new Map<string, string>()]))
    const members = new Map(workers.map((worker) => [worker, [] as NamedMember[]]))
    const search = new NameOwners(workers)
    // Those that have waited longest first, if not all can be looked at: the numbers rise with time.
    const listed = listMemberNames().sort((one, other) => one.nameInode - other.nameInode)
    for (const named of listed) {
      const known = this.#owners.get(named.nameInode)
      const owner = known === undefined ? search.ownerOf(named) : known
      if (owner === undefined) continue
      owners.set(named.nameInode, owner)
      if (owner === null) continue
      groups.get(owner)?.set(named.key, formatPlace(named))
      members.get(owner)?.push(named)
    }
    this.#owners = owners
    for (const [worker, of] of groups) worker.groups = of
    for (const [worker, of] of members) worker.members = of
  }
}

function formatPlace(named: NamedMember): string {
  const address = formatAddress(named)
  return named.protocol === 'udp' ? `${address}/udp` : address
}

function isServing(worker: Worker, workers: readonly Worker[]): boolean {
  if (worker.readiness === 'program') return false // It says so itself.
  // If some of its threads listen, its host says when all of them do.
  if (worker.groups.size > 0) return worker.readiness === 'membership'
  return hasRunLong(worker) && workers.every(({ groups }) => groups.size === 0)
}
