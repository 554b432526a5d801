import { once } from 'node:events'
import net from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { workersLeft } from '../control/apps.js'
import { ask } from '../control/client.js'
import { descriptorOf } from '../control/descriptor.js'
import type { Request } from '../control/messages.js'
import { exitCodeOf, Failure, messageOf } from '../failure.js'
import { findSockets } from '../list/sockets.js'
import type { MetricsPlace } from '../metrics/server.js'
import { join, plural } from '../output/names.js'
import { managerOf } from '../state/claim.js'
import { folderOf, listFolders } from '../state/folder.js'
import { identify } from '../state/process-identity.js'
import { readProc } from '../state/process-tree.js'

/** How often to check whether the managers have ended, in milliseconds. */
const interval = 20

/** How long that may take, in milliseconds. */
const patience = 10_000

/** The manager that an app has now. */
export interface Manager {
  app: string
  pid: number
}

/**
 * The managers of apps, in the order in which they should be ended. Apps that do not run are left out.
 *
 * @throws Failure if one does not answer, or is stopping its app
 */
export async function findManagers(apps: readonly string[]): Promise<readonly Manager[]> {
  const managers = apps.flatMap((app) => {
    const pid = managerNow(app)
    return pid === null ? [] : [{ app, pid }]
  })
  for (const { app } of managers) {
    if (isStopping(await askManager(app, { verb: 'status' }))) {
      throw new Failure(`app ${app} cannot be taken over: it is being stopped.`)
    }
  }
  // A service refuses to end without its workers: it is asked first, while the others still have managers.
  return managers.sort((a, b) => Number(isService(b.pid)) - Number(isService(a.pid)))
}

/** Whether a place is in use by a manager that will end: then it is free after that. */
export async function willBeFree(
  place: MetricsPlace,
  managers: readonly Manager[],
): Promise<boolean> {
  const apps = managers.map(({ app }) => app)
  const others = listFolders().filter((app) => !apps.includes(app))
  const staying = new Set(others.map(managerNow))
  const ending = managers.filter(({ pid }) => !staying.has(pid))
  if (ending.length === 0) return false
  try {
    const users = 'path' in place ? [await listenerOf(place.path)] : await listenersOf(place.port)
    return ending.some(({ pid }) => users.includes(pid))
  } catch {
    return true // The system does not say who listens there: it is tried when the managers have ended.
  }
}

/**
 * Makes managers leave their workers, which go on. Resolves when those that have no other app have ended.
 *
 * @throws Failure if a manager does not do so
 */
export async function endManagers(managers: readonly Manager[]): Promise<void> {
  for (const { app } of managers) await askManager(app, { verb: 'release' })
  // A manager has its ports, such as that of its metrics, until it ends. One that has other apps too goes on.
  const all = new Set(managers.map(({ pid }) => pid))
  const deadline = performance.now() + patience
  for (;;) {
    const busy = new Set(listFolders().map(managerNow))
    const ending = [...all].filter((pid) => !busy.has(pid) && identify(pid) !== null)
    if (ending.length === 0) return
    if (performance.now() > deadline) {
      throw new Failure(
        `the manager of ${join(managers.map(({ app }) => app))} has left its workers, but has not ended: 'kill -KILL ${ending.join(' ')}' ends it.`,
      )
    }
    await setTimeout(interval)
  }
}

/** An error that ends this manager. It says which of the apps have workers, but no manager any more. */
export function nameUnmanaged(error: unknown, apps: readonly string[]): unknown {
  const left = apps.filter((app) => workersLeft(app).length > 0)
  if (left.length === 0) return error
  const subject = `${plural(left.length, 'app', 'apps')} ${join(left)}`
  const state = plural(left.length, 'has no manager, but its', 'have no manager, but their')
  return new Failure(
    `${messageOf(error)}\nNow ${subject} ${state} workers keep running. Run the same command again: it takes them over.`,
    exitCodeOf(error),
  )
}

async function askManager(app: string, request: Request): Promise<unknown> {
  try {
    return await ask(app, request)
  } catch (error) {
    throw new Failure(`app ${app} cannot be taken over: ${messageOf(error)}`)
  }
}

/** The manager may be of another version: nothing else of its answer is used. */
function isStopping(status: unknown): boolean {
  return (
    typeof status === 'object' &&
    status !== null &&
    'state' in status &&
    status.state === 'stopping'
  )
}

function managerNow(app: string): number | null {
  return listFolders().includes(app) ? managerOf(folderOf(app)) : null
}

/** Whether a process was started by systemd, with a socket for its messages or with listeners. */
function isService(pid: number): boolean {
  return /(^|\0)(NOTIFY_SOCKET|LISTEN_FDS)=/.test(readProc(`/proc/${pid}/environ`))
}

/** The processes that listen on a TCP port; `null` for one that is not known. */
async function listenersOf(port: number): Promise<(number | null)[]> {
  const sockets = await findSockets({ protocol: 'tcp', port })
  return sockets.map(({ pid }) => pid)
}

/** The process that listens on a Unix socket; `null` if there is none. */
async function listenerOf(path: string): Promise<number | null> {
  const { peerOfConnection } = await import('@reuse/core/group')
  const socket = net.connect(path)
  try {
    await once(socket, 'connect')
    const descriptor = descriptorOf(socket)
    return descriptor === null ? null : peerOfConnection(descriptor).pid
  } catch {
    return null
  } finally {
    socket.destroy()
  }
}
