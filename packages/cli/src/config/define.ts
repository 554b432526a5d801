import type { AppOptions } from './app/options.js'

/** A number of milliseconds, or one with its unit: `'1500ms'`, `'30s'`, `'2m'`. */
export type ConfigTime = number | `${number}ms` | `${number}s` | `${number}m`

/** A number of bytes, or one with its unit: `'512M'`, `'1G'`. The units are powers of 1024. */
export type ConfigSize = number | `${number}K` | `${number}M` | `${number}G`

/**
 * An app of a config file: the options of `supervise()`, with times and sizes that may have a unit.
 * Relative paths are relative to the folder of the file, in which the workers run where `cwd` is not
 * given.
 */
export interface ReuseAppConfig
  extends Omit<
    AppOptions,
    'readyTimeout' | 'leaveTimeout' | 'holdTimeout' | 'hangTimeout' | 'maxMemory'
  > {
  /** How long a worker may take until it is ready. Default 30 seconds. */
  readyTimeout?: ConfigTime
  /** How long a worker may take to leave, before it is killed. Default 10 seconds. */
  leaveTimeout?: ConfigTime
  /** How long a port is kept open while no worker serves it. Default 30 seconds. */
  holdTimeout?: ConfigTime
  /** A worker of a script whose event loop is blocked for so long is killed. Default none. */
  hangTimeout?: ConfigTime
  /** A worker with more resident memory is replaced. Default none. */
  maxMemory?: ConfigSize
}

/** What a config file gives: an app, or several. */
export type ReuseConfig = ReuseAppConfig | { apps: readonly ReuseAppConfig[] }

/** What a config file may export. */
export type ReuseConfigExport =
  | ReuseConfig
  | Promise<ReuseConfig>
  | (() => ReuseConfig | Promise<ReuseConfig>)

/** Gives back what it gets: an editor completes and checks what is typed between its brackets. */
export function defineConfig(config: ReuseConfigExport): ReuseConfigExport {
  return config
}
