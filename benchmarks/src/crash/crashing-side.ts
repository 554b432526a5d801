import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'
import type { Side } from '../sides/side.js'

/** Who is killed, at one moment. */
export type Victims = 'a member' | 'all members' | 'the manager'

/** A side of which members can be killed while they serve. To add one, add a file. */
export interface CrashingSide {
  /** Which it is among all that are compared. */
  side: Side
  /** Who starts the successors, in one line. */
  description: string
  /** Who of it can be killed. */
  victims: readonly Victims[]
  /** Fresh processes; comes back when all of them serve. */
  start(start: CrashingStart): Promise<RunningCrashingSide>
}

export interface CrashingStart {
  node: NodeVersion
  network: Network
  members: number
  /** The folder in which they write whom they have accepted; see accepted.ts. */
  folder: string
}

export interface RunningCrashingSide extends AsyncDisposable {
  port: number
  /** Of those that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
  /**
   * Kills by SIGKILL: members do that themselves, and one is picked by chance. Gives the members that
   * may be gone by it, by their process ids.
   */
  crash(victims: Victims): Promise<readonly number[]>
  /** Blocks the event loop of a member, by chance, and gives its process id when it is blocked. */
  block(): Promise<number>
  /** Comes back when the successors serve of those that were told to crash, or were killed. */
  successors(): Promise<void>
}
