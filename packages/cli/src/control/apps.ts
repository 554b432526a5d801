import { Failure, wrongUsage } from '../failure.js'
import { join, plural } from '../output/names.js'
import { managerOf } from '../state/claim.js'
import { readState, type SavedWorker } from '../state/file.js'
import { folderOf, listFolders } from '../state/folder.js'

/** The apps of this user that have a manager. */
export function runningApps(): string[] {
  return listFolders().filter(isRunning)
}

function isRunning(app: string): boolean {
  return managerOf(folderOf(app)) !== null
}

/** The workers of an app that go on without a manager; empty if the app has a manager, or none were left. */
export function workersLeft(app: string): readonly SavedWorker[] {
  if (process.platform !== 'linux' || !listFolders().includes(app) || isRunning(app)) return []
  return readState(folderOf(app))?.workers ?? []
}

export const noApp = "no app is running. 'reuse run server.js' starts one."

/** Which app is meant: the only one that runs, if none is named. */
export function chooseApp(name: string | undefined): string {
  const running = runningApps()
  if (name !== undefined) {
    if (running.includes(name)) return name
    const left = workersLeft(name)
    if (left.length > 0) {
      const workers = `${left.length} ${plural(left.length, 'worker', 'workers')}`
      throw new Failure(
        `the manager of app ${name} has ended, but ${workers} ${plural(left.length, 'is', 'are')} still running: pid ${join(left.map(({ pid }) => pid))}. The same 'reuse run' takes them over, 'reuse stop ${name}' ends them.`,
      )
    }
    const others = running.length === 0 ? 'No app is running.' : `Running apps: ${join(running)}.`
    throw new Failure(`app ${name} is not running. ${others}`)
  }
  const [only, ...more] = running
  if (only === undefined) throw new Failure(noApp)
  if (more.length > 0) throw wrongUsage(`Type which app is meant: ${join(running)} are running.`)
  return only
}

/**
 * Which apps are to be changed: those that are named; with a file, those of the file that are named, or all
 * of it; the only one that runs, if neither is given. All apps that it returns are running.
 */
export async function chooseNamed(
  names: readonly string[],
  file: string | undefined,
): Promise<[string, ...string[]]> {
  const [first, ...others] = file === undefined ? names : await namesIn(file, names)
  const more = new Set(others.filter((one) => one !== first))
  return [chooseApp(first), ...[...more].map(chooseApp)]
}

/** The names of a file's apps. */
export async function namesIn(file: string, names: readonly string[]): Promise<string[]> {
  const { loadApps, selectApps } = await import('../config/apps.js')
  const found = await loadApps({ folder: process.cwd(), file })
  return found === null ? [] : selectApps(found, names).map(({ name }) => name)
}

/** Which apps are meant: all that run, if none is named. */
export function chooseApps(names: readonly string[]): string[] {
  if (names.length > 0) return [...new Set(names)].map(chooseApp)
  const running = runningApps()
  if (running.length === 0) throw new Failure(noApp)
  return running
}
