import { setTimeout } from 'node:timers/promises'
import { ask } from '../control/client.js'
import { Failure, messageOf } from '../failure.js'
import { join } from '../output/names.js'
import { managerOf } from '../state/claim.js'
import { folderOf, listFolders } from '../state/folder.js'

/** How often to check whether the managers have ended, in milliseconds. */
const interval = 20

/** How long that may take, in milliseconds. */
const patience = 10_000

/**
 * Makes the managers of apps leave their workers, which go on. Resolves when no app has a manager. Apps that
 * do not run are skipped.
 *
 * @throws Failure if a manager does not do so
 */
export async function endManagers(apps: readonly string[]): Promise<void> {
  const managers = apps.flatMap((app) => {
    const pid = managerNow(app)
    return pid === null ? [] : [{ app, pid }]
  })
  for (const { app } of managers) {
    try {
      await ask(app, { verb: 'release' })
    } catch (error) {
      throw new Failure(`app ${app} cannot be taken over: ${messageOf(error)}`)
    }
  }
  // A manager has its ports, such as that of its metrics, until it ends. One that has other apps too goes on.
  const all = new Set(managers.map(({ pid }) => pid))
  const deadline = performance.now() + patience
  for (;;) {
    const busy = new Set(listFolders().map(managerNow))
    const ending = [...all].filter((pid) => !busy.has(pid) && isAlive(pid))
    if (ending.length === 0) return
    if (performance.now() > deadline) {
      throw new Failure(
        `the manager of ${join(managers.map(({ app }) => app))} has left its workers, but has not ended: 'kill -KILL ${ending.join(' ')}' ends it. The workers keep running; run the same command again.`,
      )
    }
    await setTimeout(interval)
  }
}

function managerNow(app: string): number | null {
  return listFolders().includes(app) ? managerOf(folderOf(app)) : null
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
