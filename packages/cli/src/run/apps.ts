import type { SuperviseOptions } from '@reuse/cli'
import { wrongUsage } from '../failure.js'
import { checkSuperviseOptions, type Steering } from '../supervisor/options.js'
import { defaultName, scriptForm } from './default-name.js'
import type { RunLog } from './log.js'

/** The options of the one app whose program is on the command line. */
export interface AppOptions {
  instances: number | 'auto'
  threads?: boolean
  name?: string
  cwd?: string
  nodeArgs?: string[]
  /** In seconds, like all times here. */
  readyTimeout: number
  leaveTimeout: number
  holdTimeout: number
  weight: number
  steering?: Steering
  balance?: boolean
  hangTimeout?: number
  maxMemory?: number
  waitReady?: boolean
}

/** The app of a command line. */
export function appOf(program: string, args: string[], options: AppOptions): SuperviseOptions {
  const isScript = scriptForm.test(program)
  const { cwd, nodeArgs, instances, threads, weight, steering, balance, maxMemory, waitReady } =
    options
  const milliseconds = (time: number): number => Math.round(time * 1000)
  const app = {
    ...{ instances, weight, args },
    name: options.name ?? defaultName(program, isScript, cwd),
    ...(isScript ? { script: program } : { command: program }),
    readyTimeout: milliseconds(options.readyTimeout),
    leaveTimeout: milliseconds(options.leaveTimeout),
    holdTimeout: milliseconds(options.holdTimeout),
    ...(cwd === undefined ? {} : { cwd }),
    ...(nodeArgs === undefined ? {} : { nodeArgs }),
    ...(threads === undefined ? {} : { threads }),
    ...(steering === undefined ? {} : { steering }),
    ...(balance === undefined ? {} : { balance }),
    ...(options.hangTimeout === undefined
      ? {}
      : { hangTimeout: milliseconds(options.hangTimeout) }),
    ...(maxMemory === undefined ? {} : { maxMemory }),
    ...(waitReady === undefined ? {} : { waitReady }),
  }
  check(app)
  return app
}

export interface FileOptions {
  /** Without it, one is looked for in this folder. */
  config?: string
  /** The environment of an ecosystem file. */
  env?: string
}

/** The apps of a config file: those with these names, or all. */
export async function appsOfFile(
  names: readonly string[],
  { config, env }: FileOptions,
  log: RunLog,
): Promise<readonly SuperviseOptions[]> {
  const { loadApps, selectApps } = await import('../config/apps.js')
  const found = await loadApps({
    folder: process.cwd(),
    ...(config === undefined ? {} : { file: config }),
    ...(env === undefined ? {} : { environment: env }),
  })
  if (found === null) {
    throw wrongUsage(
      'Type what to run: reuse run server.js. Without that, it is read from reuse.config.js, but this folder has none.',
    )
  }
  for (const { app, property, why } of found.ignored) {
    const text = `${app === null ? '' : `app ${app}: `}${property} is ignored: ${why}`
    log.say(text, { level: 'warn', ...(app === null ? {} : { app }) })
  }
  const apps = selectApps(found, names)
  for (const app of apps) check(app)
  return apps
}

/** A mistake in the options is wrong usage here. */
function check(app: SuperviseOptions): void {
  try {
    checkSuperviseOptions(app)
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error
    throw wrongUsage(error.message.replace(/^supervise: /, ''))
  }
}
