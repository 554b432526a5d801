import { lockingManagerOf, takeLock } from './locked-claim.js'
import { numberedManagerOf, takeNumber } from './numbered-claim.js'

/** That this process manages an app. */
export interface Claim {
  release(): void
}

const isLinux = process.platform === 'linux'

/** Takes the app with this folder; gives the pid of its manager where it has one that lives. */
export async function takeClaim(folder: string): Promise<Claim | number> {
  return isLinux ? takeNumber(folder) : takeLock(folder)
}

/** The pid of the manager of the app with this folder; `null` where none lives. */
export function managerOf(folder: string): number | null {
  return isLinux ? numberedManagerOf(folder) : lockingManagerOf(folder)
}
