import { Failure, wrongUsage } from '../failure.js'
import { join } from '../output/names.js'
import { managerOf } from '../state/claim.js'
import { folderOf, listFolders } from '../state/folder.js'

/** The apps of this user that have a manager. */
export function runningApps(): string[] {
  return listFolders().filter(isRunning)
}

function isRunning(app: string): boolean {
  return managerOf(folderOf(app)) !== null
}

export const noApp = "no app runs. 'reuse run server.js' starts one."

/** Which app is meant: the only one, where none is named. */
export function chooseApp(name: string | undefined): string {
  const running = runningApps()
  if (name !== undefined) {
    if (running.includes(name)) return name
    const others = running.length === 0 ? 'No app does.' : `These do: ${join(running)}.`
    throw new Failure(`app ${name} does not run. ${others}`)
  }
  const [only, ...more] = running
  if (only === undefined) throw new Failure(noApp)
  if (more.length > 0) throw wrongUsage(`Type which app is meant: ${join(running)} run.`)
  return only
}
