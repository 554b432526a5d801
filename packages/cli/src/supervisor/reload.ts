import { SuperviseError } from '../supervise-error.js'
import type { Slot } from './slot.js'

/** One worker in another's place. */
export interface Replacement {
  worker: number
  /** `null` if it had ended before. */
  before: number | null
  after: number | null
}

/**
 * Replaces one worker at a time, each when its successor is ready. The first successor that does not become
 * ready stops the reload: the workers that are left stay.
 *
 * @throws SuperviseError with the reason why that successor did not
 */
export async function reloadOneByOne(slots: readonly Slot[]): Promise<Replacement[]> {
  const done: Replacement[] = []
  for (const slot of slots) {
    try {
      const { before, after } = await slot.replace()
      done.push({ worker: slot.number, before: before?.pid ?? null, after: after.pid })
    } catch (error) {
      if (!(error instanceof SuperviseError)) throw error
      throw new SuperviseError(
        error.code,
        `${progress(done.length, slots.length)}: ${error.message}`,
        {
          cause: error,
        },
      )
    }
  }
  return done
}

function progress(done: number, all: number): string {
  return done === 0
    ? 'the reload has stopped, and all workers stay as they were'
    : `the reload has stopped after ${done} of ${all} workers, and the others stay as they were`
}
