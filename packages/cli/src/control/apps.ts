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

/** The workers of an app that go on without a manager; none where it has one, or none has been left. */
export function workersLeft(app: string): readonly SavedWorker[] {
  if (process.platform !== 'linux' || !listFolders().includes(app) || isRunning(app)) return []
  return readState(folderOf(app))?.workers ?? []
}

export const noApp = "no app runs. 'reuse run server.js' starts one."

/** Which app is meant: the only one, where none is named. */
export function chooseApp(name: string | undefined): string {
  const running = runningApps()
  if (name !== undefined) {
    if (running.includes(name)) return name
    const left = workersLeft(name)
    if (left.length > 0) {
      const workers = `${left.length} ${plural(left.length, 'worker', 'workers')}`
      throw new Failure(
        `the manager of app ${name} has ended, and ${workers} of it ${plural(left.length, 'goes', 'go')} on: pid ${join(left.map(({ pid }) => pid))}. The same 'reuse run' takes them over, 'reuse stop ${name}' ends them.`,
      )
    }
    const others = running.length === 0 ? 'No app does.' : `These do: ${join(running)}.`
    throw new Failure(`app ${name} does not run. ${others}`)
  }
  const [only, ...more] = running
  if (only === undefined) throw new Failure(noApp)
  if (more.length > 0) throw wrongUsage(`Type which app is meant: ${join(running)} run.`)
  return only
}

/** Which apps are meant: all that run, where none is named. */
export function chooseApps(names: readonly string[]): string[] {
  if (names.length > 0) return [...new Set(names)].map(chooseApp)
  const running = runningApps()
  if (running.length === 0) throw new Failure(noApp)
  return running
}
