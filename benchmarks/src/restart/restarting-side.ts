import type { Network } from '../network/network.js'
import type { NodeVersion } from '../node-version.js'
import type { Side } from '../sides/side.js'

/** A side whose workers can be replaced while it serves. To add one, add a file. */
export interface RestartingSide {
  /** Which it is among all that are compared. */
  side: Side
  /** How a worker is replaced, in one line. */
  description: string
  /** Fresh processes; comes back when all of them serve. */
  start(start: RestartingStart): Promise<RunningRestartingSide>
}

export interface RestartingStart {
  node: NodeVersion
  network: Network
  members: number
}

export interface RunningRestartingSide extends AsyncDisposable {
  port: number
  /** Of those that are not our own: `{ pm2: '7.0.4' }`. */
  versions?: Readonly<Record<string, string>>
  /**
   * Replaces workers, and comes back when their successors serve.
   *
   * @param atOnce how many; a side that always replaces all of them may do so
   */
  restart(atOnce: number): Promise<Replacement>
}

export interface Replacement {
  /** How many were replaced. */
  replaced: number
  /**
   * How long the leave of each took, as it told itself, in milliseconds: from its call of close()
   * until its listener was closed. Nothing where workers have nobody to tell.
   */
  leaves: number[]
}
