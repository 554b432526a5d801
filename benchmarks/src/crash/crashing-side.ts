import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'
import type { Side } from '../sides/side.js'

/** Which processes are killed at the same moment. */
export type Victims = 'a member' | 'all members' | 'the manager'

/** A side whose members can be killed while they serve. To add one, add a file. */
export interface CrashingSide {
  /** Which of the compared sides it is. */
  side: Side
  /** Who starts the successors, in one line. */
  description: string
  /** Which of its processes can be killed. */
  victims: readonly Victims[]
  /** Starts fresh processes; resolves when all of them serve. */
  start(start: CrashingStart): Promise<RunningCrashingSide>
}

export interface CrashingStart {
  node: NodeVersion
  network: Network
  members: number
  /** The folder in which members record which clients they have accepted; see accepted.ts. */
  folder: string
}

export interface RunningCrashingSide extends AsyncDisposable {
  port: number
  /** The versions of programs that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
  /**
   * Kills with SIGKILL: members do that themselves, and a single one is picked at random. Resolves with
   * the process ids of the members that this may have ended.
   */
  crash(victims: Victims): Promise<readonly number[]>
  /** Blocks the event loop of a random member, and resolves with its process id when it is blocked. */
  block(): Promise<number>
  /** Resolves when the successors of the processes that crashed, or were killed, serve. */
  successors(): Promise<void>
}
