import type { NamedMember } from '@reuse/core/group'
import { nearestOf, socketsOf } from '../../state/process-tree.js'
import type { Worker } from '../worker.js'

/** How many processes other than the workers' own are looked at. */
const mostProcesses = 128

/** A process whose pid is in a name. */
interface Process {
  /** The worker that it belongs to, which may be an ancestor, as a launcher is; `null` if there is none. */
  worker: Worker | null
  /** The inodes of its sockets, if it belongs to a worker. */
  sockets: ReadonlySet<number>
}

/**
 * Finds out, once, which workers have which names. Any local user can take any number of names, with any
 * pids, and must not keep this process busy: it reads only once what it needs of a process, and looks at a
 * limited number of processes.
 */
export class NameOwners {
  readonly #workers: ReadonlyMap<number, Worker>
  readonly #processes = new Map<number, Process>()
  readonly #parents = new Map<number, number>()
  #left = mostProcesses

  constructor(workers: readonly Worker[]) {
    this.#workers = new Map(workers.flatMap((one) => (one.pid === null ? [] : [[one.pid, one]])))
  }

  /**
   * The worker whose process, or a descendant of it, has a name; `null` if no worker has it; `undefined` if
   * that was not looked up, because too many processes have been looked at.
   *
   * @param named as it was listed, since this object was made
   */
  ownerOf({ pid, nameInode }: NamedMember): Worker | null | undefined {
    const found = this.#processes.get(pid) ?? this.#look(pid)
    if (found === undefined) return undefined
    return found.sockets.has(nameInode) ? found.worker : null
  }

  #look(pid: number): Process | undefined {
    if (!this.#workers.has(pid) && this.#left-- <= 0) return undefined
    const worker = nearestOf(pid, this.#workers, this.#parents) ?? null
    const found = { worker, sockets: worker === null ? new Set<number>() : socketsOf(pid) }
    this.#processes.set(pid, found)
    return found
  }
}
