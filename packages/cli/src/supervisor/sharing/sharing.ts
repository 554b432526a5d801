import type { NamedMember, Queue } from '@reuse/core/group'
import type { Launch } from '../launch.js'
import type { App } from '../options.js'
import type { Worker } from '../worker.js'
import type { WorkerProcess } from '../worker-process.js'

/** What the sharing needs from its app. */
export interface SharingOwner {
  /** Every process that lives. */
  workers(): Iterable<Worker>
  /** The listeners that are held have changed. */
  onHeld(): void
}

/** How the workers of an app share their ports, and how the ports stay open without a worker. */
export interface Sharing {
  /** Whether workers go on without their manager, and the next one takes them over. */
  readonly outlivesManager: boolean
  /** Whether a worker can have a different share of the new connections from the others. */
  readonly weighs: boolean
  /** The listeners that this process holds and knows: descriptors by inode. */
  readonly held: ReadonlyMap<number, number>
  /** How a worker of an app is started. */
  launch(app: App): Launch
  /** Begins. Call this before the first worker is started or taken over. */
  open(owner: SharingOwner): void
  startProcess(launch: Launch, outputs: readonly [number, number]): WorkerProcess
  /** A worker has been started, or taken over. */
  onStart(): void
  /** All workers that are to be taken over have been. */
  onAdopted(): void
  /** What waits at a member's socket; `null` if it is not known. */
  queueOf(member: NamedMember): Queue | null
  /** A member's share of what comes, from 0 to 1; `null` if it is not known. */
  shareOf(member: NamedMember): number | null
  /** Multiplies the weights of a group's members, by their names, if `weighs` is true; see `Keeper`. */
  balance(key: string, factors: ReadonlyMap<string, number>): void
  /** The workers are about to leave. @param keepsPorts whether ports stay open until they have */
  beginStop(keepsPorts: boolean): void
  /** Holds nothing from now on. */
  close(): void
}
