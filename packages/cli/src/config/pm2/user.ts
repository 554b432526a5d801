import os from 'node:os'
import { configError } from '../app/config-error.js'
import type { Given } from './names.js'

/**
 * Refuses an app of another user. It is not left out like what has no counterpart: the app would run
 * with the rights of who starts it, maybe root's.
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
    `"${given.shown}" is ${String(given.value)}, and workers have the user and group of reuse run: start it with these, for example by User= and Group= of systemd, and take it out`,
  )
}

/** A user of a container may have no name. */
function ownName(): string {
  try {
    return os.userInfo().username
  } catch {
    return ''
  }
}
