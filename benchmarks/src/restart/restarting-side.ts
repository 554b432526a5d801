import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'
import type { Side } from '../sides/side.js'

/** A side whose workers can be replaced while it serves. To add one, add a file. */
export interface RestartingSide {
  /** Which of the compared sides it is. */
  side: Side
  /** How a worker is replaced, in one line. */
  description: string
  /** Starts fresh processes; resolves when all of them serve. */
  start(start: RestartingStart): Promise<RunningRestartingSide>
}

export interface RestartingStart {
  node: NodeVersion
  network: Network
  members: number
}

export interface RunningRestartingSide extends AsyncDisposable {
  port: number
  /** The versions of programs that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
  /**
   * Replaces workers, and resolves when their successors serve.
   *
   * @param atOnce how many workers; a side that always replaces all of them may do so
   */
  restart(atOnce: number): Promise<Replacement>
}

export interface Replacement {
  /** How many were replaced. */
  replaced: number
  /**
   * How long each worker's leave took, as it reported, in milliseconds: from its call of close()
   * until its listener was closed. Empty if workers have no program to report to.
   */
  leaves: number[]
}
