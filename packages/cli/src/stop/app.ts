import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { chooseApp, namesIn, runningApps, workersLeft } from '../control/apps.js'
import { ask } from '../control/client.js'
import { codeOf, Failure, messageOf, wrongUsage } from '../failure.js'
import { join } from '../output/names.js'
import { print, printJson } from '../output/print.js'
import { takeClaim } from '../state/claim.js'
import { readState, type SavedWorker } from '../state/file.js'
import { folderOf } from '../state/folder.js'
import { isAlive } from '../state/process-identity.js'
import { StateWriter } from '../state/writer.js'
import type { TargetOptions } from './target.js'
import { patience } from './wait.js'

/** How often to check whether workers have ended, in milliseconds. */
const interval = 50

/** Whether an app of this name runs, or its workers do. */
export function isAppName(text: string): boolean {
  const isName = !/^:?\d+$/.test(text) // No app's name is a number.
  return isName && (runningApps().includes(text) || workersLeft(text).length > 0)
}

interface StopAppOptions extends TargetOptions {
  config?: string
  timeout?: number
  json?: boolean
}

/** Stops apps, all at once: those that are named, those of a file, or those of a file that are named. */
export async function stopApps(
  names: readonly string[],
  { pid, port, config, json, timeout }: StopAppOptions,
): Promise<void> {
  if (pid !== undefined || port !== undefined) {
    throw wrongUsage("More than one target: type 'reuse stop <app>' without --pid and --port.")
  }
  const apps = [...new Set(config === undefined ? names : await namesIn(config, names))]
  for (const app of apps) requireApp(app)
  const outcomes = await Promise.allSettled(apps.map((app) => stopApp(app, timeout)))
  const stopped = apps.filter((_, index) => outcomes[index]?.status === 'fulfilled')
  const plain = stopped.map((app) => ({ app, stopped: true }))
  if (!json) for (const app of stopped) print(`app ${app} has stopped`)
  else if (apps.length > 1) printJson(plain)
  else if (plain[0] !== undefined) printJson(plain[0])
  const reasons = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (reasons.length === 1) throw reasons[0]
  if (reasons.length > 1) throw new Failure(reasons.map(messageOf).join('\n'))
}

function requireApp(name: string): void {
  if (isAppName(name)) return
  if (/^:?\d+$/.test(name)) {
    throw wrongUsage(
      `Several targets must all be apps, but ${name} is not an app: stop ports and pids one by one.`,
    )
  }
  chooseApp(name) // Throws an error that says what runs.
}

/** Asks the manager of an app, and waits as long as the manager waits for its workers, or for `timeout`. */
async function stopApp(app: string, timeout: number | undefined): Promise<void> {
  const asked = workersLeft(app).length > 0 ? await askWorkersToLeave(app) : null
  if (asked !== null) await untilEnded(app, asked, timeout ?? patience)
  else await (timeout === undefined ? ask(app, { verb: 'stop' }) : stopWithin(app, timeout))
}

async function stopWithin(app: string, seconds: number): Promise<void> {
  const signal = AbortSignal.timeout(seconds * 1000)
  const late = once(signal, 'abort').then(() => {
    throw new Failure(
      `app ${app} has not stopped within ${seconds} s: its workers may take as long as its --leave-timeout says. 'reuse status ${app}' shows them.`,
    )
  })
  await Promise.race([ask(app, { verb: 'stop' }, undefined, signal), late])
}

/**
 * Asks the workers of an app whose manager has ended to leave; returns them, or `null` if a manager has just
 * taken them over. As long as this lasts, no manager can. The next one must not ask them again, and nor does
 * this if they were asked before: a second signal would end them at once.
 */
async function askWorkersToLeave(app: string): Promise<readonly SavedWorker[] | null> {
  const folder = folderOf(app)
  const claim = await takeClaim(folder)
  if (typeof claim === 'number') return null
  try {
    const state = readState(folder)
    if (state === null) return []
    const { version, workers } = state
    const leaving = workers.map((worker) => ({ ...worker, isLeaving: true }))
    // If the disk is full, they are asked nevertheless.
    new StateWriter(folder, () => {}).write({ version, workers: leaving })
    for (const { pid, isLeaving } of workers) if (isLeaving !== true) askToLeave(pid)
    return workers
  } finally {
    claim.release()
  }
}

function askToLeave(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM')
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

async function untilEnded(
  app: string,
  workers: readonly SavedWorker[],
  seconds: number,
): Promise<void> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const staying = workers.filter(isAlive)
    if (staying.length === 0) return
    if (performance.now() >= deadline) {
      const pids = join(staying.map(({ pid }) => pid))
      throw new Failure(
        `app ${app} has no manager, and these of its workers have not ended within ${seconds} s: pid ${pids}. 'kill -KILL' ends them at once.`,
      )
    }
    await setTimeout(interval)
  }
}
