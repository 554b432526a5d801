import type { NodeVersion } from '../node-version.js'
import { option } from './option.js'
import { restart, restartDelayed, restartKeepAlive, restartKeepAliveDelayed } from './restart.js'
import { steering } from './steering.js'

/** What the command line says; a scenario has defaults of its own. */
export interface Settings {
  node: NodeVersion
  rounds?: number
  seconds?: number
  leaves?: number
  connections?: number
  rate?: number
}

/**
 * Measures, prints, and gives what it measured, for a file.
 *
 * @throws Skip where this machine cannot do it
 */
export type Scenario = (settings: Settings) => Promise<unknown>

/** One file a scenario, or a family of them. */
export const scenarios: ReadonlyMap<string, Scenario> = new Map<string, Scenario>([
  ['option', option],
  ['restart', restart],
  ['restart-delayed', restartDelayed],
  ['restart-keep-alive', restartKeepAlive],
  ['restart-keep-alive-delayed', restartKeepAliveDelayed],
  ['steering', steering],
])
