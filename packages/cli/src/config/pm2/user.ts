import os from 'node:os'
import { configError } from '../app/config-error.js'
import type { Given } from './names.js'

/**
 * Refuses an app of another user. The property is not ignored as those without a counterpart are: the app
 * would run with the rights of the user who starts it, perhaps root.
 *
 * @throws Failure
 */
export function refuseOtherUser(app: ReadonlyMap<string, Given>, where: string): void {
  refuse(app.get('uid'), () => [String(process.getuid?.()), ownName()], where)
  refuse(app.get('gid'), () => [String(process.getgid?.())], where)
}

function refuse(given: Given | undefined, own: () => string[], where: string): void {
  if (given === undefined || own().includes(String(given.value))) return
  throw configError(
    where,
    `"${given.shown}" is ${String(given.value)}, but workers run as the user and group of reuse run: set those instead, for example with User= and Group= of systemd, and remove this property`,
  )
}

/** A user in a container may have no name. */
function ownName(): string {
  try {
    return os.userInfo().username
  } catch {
    return ''
  }
}
