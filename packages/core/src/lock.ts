import { setTimeout as delay } from 'node:timers/promises'
import { errorName, isSystemFailure, systemError } from './errors.js'
import { native } from './native.js'

/** Holds the lock until `release`, or until this process ends in whatever way. */
export interface Lock {
  release(): void
}

/**
 * Takes a lock that processes of one network namespace share, without a file or a server: whoever
 * has the abstract Unix socket of that name. The kernel frees the name with its holder; unix(7).
 *
 * @param deadline on the clock of `performance.now()`
 * @returns `null` if somebody else holds it until then
 */
export async function acquireLock(name: string, deadline: number): Promise<Lock | null> {
  for (;;) {
    const socket = tryName(name)
    if (socket !== null) return { release: () => native.close(socket) }
    if (performance.now() >= deadline) return null
    // Uneven, so that those who wait together do not ask together.
    await delay(1 + Math.random() * 4)
  }
}

function tryName(name: string): number | null {
  try {
    return native.openName(name)
  } catch (failure) {
    if (!isSystemFailure(failure)) throw failure
    if (errorName(failure.errno) === 'EADDRINUSE') return null
    throw systemError(failure)
  }
}
