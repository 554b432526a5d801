import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'
import { exitCodes, Failure } from '../failure.js'

/** Where the launcher may be, built or published. The package's folder is two above dist/bundle. */
const places = ['native/build', `prebuilds/linux-${process.arch}`]

export interface Launcher {
  /** The native program that starts others. */
  program: string
  /** The library that is loaded into those programs if they cannot be supervised otherwise. */
  library: string
}

export function findLauncher(): Launcher {
  const files = places.map((place) => ({
    program: fileURLToPath(new URL(`../../${place}/reuse-exec`, import.meta.url)),
    library: fileURLToPath(new URL(`../../${place}/reuse-preload.so`, import.meta.url)),
  }))
  const found = files.find(({ program }) => existsSync(program))
  if (found !== undefined) return found
  throw new Failure(
    `'reuse exec' has no launcher for linux-${process.arch}: only x64 and arm64 have one. It would be one of ${files.map(({ program }) => program).join(', ')}.`,
    exitCodes.unsupported,
  )
}

/** The signals that this process passes on to the launcher that it waits for. */
const passedOn: readonly NodeJS.Signals[] = [
  ...(['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGALRM'] as const),
  ...(['SIGWINCH', 'SIGCONT', 'SIGTTIN', 'SIGTTOU'] as const),
]

/**
 * Replaces this process with the launcher, so that no Node process stays in memory. A Node that cannot do
 * that (before 22.15) stays, passes signals on, and ends as the launcher ends.
 */
export async function replaceWith(launcher: string, args: readonly string[]): Promise<void> {
  if ('execve' in process && typeof process.execve === 'function') {
    process.execve(launcher, ['reuse-exec', ...args], process.env)
  }
  const { spawn } = await import('node:child_process')
  const child = spawn(launcher, ['--end-with-parent', ...args], {
    argv0: 'reuse-exec',
    stdio: 'inherit',
  })
  for (const signal of passedOn) process.on(signal, () => child.kill(signal))
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>(
    (resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (...outcome) => resolve(outcome))
    },
  )
  if (signal === null) {
    process.exitCode = code ?? exitCodes.failed
    return
  }
  for (const one of passedOn) process.removeAllListeners(one)
  process.kill(process.pid, signal)
  process.exitCode = 128 + constants.signals[signal]
}
