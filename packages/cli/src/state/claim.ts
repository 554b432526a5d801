import { lockingManagerOf, takeLock } from './locked-claim.js'
import { numberedManagerOf, takeNumber } from './numbered-claim.js'

/** The claim of this process to manage an app. */
export interface Claim {
  release(): void
}

const isLinux = process.platform === 'linux'

/** Takes the app with this folder. If a manager of it lives, resolves to the manager's pid. */
export async function takeClaim(folder: string): Promise<Claim | number> {
  return isLinux ? takeNumber(folder) : takeLock(folder)
}

/** The pid of the manager of the app with this folder; `null` if none lives. */
export function managerOf(folder: string): number | null {
  return isLinux ? numberedManagerOf(folder) : lockingManagerOf(folder)
}
