import { setTimeout } from 'node:timers/promises'
import { ask } from '../control/client.js'
import { Failure, messageOf } from '../failure.js'
import { join } from '../output/names.js'
import { managerOf } from '../state/claim.js'
import { folderOf, listFolders } from '../state/folder.js'

/** How often it is looked whether they have ended, in milliseconds. */
const interval = 20

/** How long that may take, in milliseconds. */
const patience = 10_000

/**
 * Has the managers of apps leave their workers, which go on; comes back when none has one. Apps that do not run are
 * passed over.
 *
 * @throws Failure where a manager does not do so
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
      throw new Failure(`app ${app} is not taken over: ${messageOf(error)}`)
    }
  }
  // It has its ports still, such as that of its metrics, unless it goes on for other apps.
  const all = new Set(managers.map(({ pid }) => pid))
  const deadline = performance.now() + patience
  for (;;) {
    const busy = new Set(listFolders().map(managerNow))
    const ending = [...all].filter((pid) => !busy.has(pid) && isAlive(pid))
    if (ending.length === 0) return
    if (performance.now() > deadline) {
      throw new Failure(
        `the manager of ${join(managers.map(({ app }) => app))} has left its workers, and does not end: 'kill -KILL ${ending.join(' ')}' ends it. The workers go on; type the same command again.`,
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
