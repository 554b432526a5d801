import { setTimeout as delay } from 'node:timers/promises'
import { endWithThis } from '../ending.js'

/** The parameter that says how many workers stall. */
export const stalledName = 'stalled workers'

export interface StallRhythm {
  /** How long the process is stopped, and the time from one stop to the next, in milliseconds. */
  stopped: number
  every: number
}

/**
 * Stalls a process now and then, as long computations or a slow disk do, whatever program it is: the
 * process is stopped, and continued. When the result is disposed of, the process runs without stalls.
 */
export function stallNowAndThen(pid: number, { stopped, every }: StallRhythm): AsyncDisposable {
  const over = new AbortController()
  const rhythm = (async () => {
    try {
      for (;;) {
        process.kill(pid, 'SIGSTOP')
        await delay(stopped, undefined, over)
        process.kill(pid, 'SIGCONT')
        await delay(every - stopped, undefined, over)
      }
    } catch (error) {
      if (!over.signal.aborted) throw error
    } finally {
      process.kill(pid, 'SIGCONT')
    }
  })()
  rhythm.catch(() => {}) // The disposal reports the error.
  // A stopped process does not notice that it should end.
  return endWithThis({
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await rhythm
    },
  })
}
