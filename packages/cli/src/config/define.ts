import type { AppOptions } from './app/options.js'

/** A number of milliseconds, or a number with a unit: `'1500ms'`, `'30s'`, `'2m'`. */
export type ConfigTime = number | `${number}ms` | `${number}s` | `${number}m`

/** A number of bytes, or a number with a unit: `'512M'`, `'1G'`. The units are powers of 1024. */
export type ConfigSize = number | `${number}K` | `${number}M` | `${number}G`

/**
 * An app of a config file: the options of `supervise()`, with times and sizes that may have a unit. Relative
 * paths are relative to the folder of the file, which is also where the workers run if `cwd` is not given.
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
  /** How long a script's event loop may be blocked before its worker is killed. Default none. */
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

/** Returns its argument: it lets an editor complete and check what is typed between the brackets. */
export function defineConfig(config: ReuseConfigExport): ReuseConfigExport {
  return config
}
