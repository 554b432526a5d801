import { createHash } from 'node:crypto'
import fs from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findLauncher } from '../exec/launcher.js'
import { launcherArguments } from '../exec/launcher-arguments.js'
import { packageVersion } from '../version.js'
import type { HostOptions } from './host-messages.js'
import type { App } from './options.js'

/**
 * How it is known that a worker is ready:
 *
 * - `membership`: it is a member of a group.
 * - `program`: its program says so, on a channel.
 * - `threads`: the host of its threads says so, when all of them are members.
 */
export type Readiness = 'membership' | 'program' | 'threads'

/** How a worker of an app is started. */
export interface Launch {
  file: string
  /** The name that it is called by, if that is not the file. */
  argv0?: string
  /** Options of Node, if it is Node. */
  nodeArgs: readonly string[]
  args: readonly string[]
  /** Variables in addition to this process' environment. */
  env: Readonly<Record<string, string>>
  cwd: string
  readiness: Readiness
  /** Whether it is a host that runs the program in threads. */
  isHost: boolean
  /** Whether processes that it leaves behind should live on: the launcher keeps listeners for a while. */
  keepsGroup: boolean
}

/** How a worker that has its own listener is started. */
export function launchOf(app: App): Launch {
  return app.isScript ? launchScript(app) : launchCommand(app)
}

function launchScript(app: App): Launch {
  const { nodeArgs, cwd, weight, steering, leaveTimeout, threads, waitReady } = app
  return {
    file: process.execPath,
    nodeArgs: [...nodeArgs, '--import', threads ? preload() : register()],
    args: [...(threads ? hostArguments(app) : []), app.file, ...app.args],
    env: {
      REUSE_QUIET: '1', // That workers share a port is not news.
      ...app.env,
      REUSE_WEIGHT: String(weight),
      REUSE_LEAVE_TIMEOUT: String(leaveTimeout),
      ...(steering === null ? {} : { REUSE_STEERING: steering }),
    },
    ...{ cwd, keepsGroup: false, isHost: threads },
    readiness: waitReady ? 'program' : threads ? 'threads' : 'membership',
  }
}

/** The module that makes the servers of an unchanged program share their ports. */
function register(): string {
  return import.meta.resolve('@reuse/core/register')
}

/** The same for the threads of a process, which load what it loads. */
function preload(): string {
  return new URL('./threads/preload.js', import.meta.url).href // Relative to dist/bundle.
}

/** The script and options of a process that runs an app in its threads. */
function hostArguments({ instances, ...app }: App): string[] {
  const { hangTimeout, leaveTimeout, waitReady } = app
  const options: HostOptions = { threads: instances, hangTimeout, leaveTimeout, waitReady }
  const host = fileURLToPath(new URL('./threads/host.js', import.meta.url))
  return [host, JSON.stringify(options)]
}

/** How long accepted connections may go on before the program gets the signal, in milliseconds. */
const longestDrain = 1000

function launchCommand(app: App): Launch {
  const { file, args, env, cwd, weight, steering, leaveTimeout } = app
  const { program, library } = findLauncher()
  // How the program itself handles the signal takes part of the time too.
  const drain = Math.min(longestDrain, leaveTimeout / 4)
  const options = {
    ...{ library, weight, mechanism: 'auto' as const, stopSignal: constants.signals.SIGTERM },
    ...{ leaveTimeout: leaveTimeout / 2000, drain: drain / 1000 },
    ...(steering === null ? {} : { steering }),
  }
  return {
    file: program,
    argv0: 'reuse-exec',
    nodeArgs: [],
    args: launcherArguments(options, [file, ...args]),
    ...{ env, cwd, readiness: 'membership', isHost: false, keepsGroup: true },
  }
}

/**
 * Tells whether two managers mean the same by an app's name: it covers what each worker is, not how many
 * there are. Threads are part of what a worker is.
 */
export function definitionOf(app: App, launch: Launch): string {
  const { file, nodeArgs, args, env, cwd, readiness } = launch
  const identity = [
    // An update in place leaves every path as it was.
    ...[process.version, packageVersion(), file, [...nodeArgs, ...args]],
    ...[Object.entries(env).sort(), cwd, readiness],
    // `current/server.js` is another program when `current` points elsewhere.
    fs.realpathSync(app.file),
  ]
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex')
}

/** The app in a line: `node server.js --verbose`. */
export function describeProgram({ isScript, file, args }: App): string {
  return [...(isScript ? ['node'] : []), file, ...args].join(' ')
}
