/** What the clients of a load lost when a server died. */
import { min } from 'simple-statistics'
import type { Entry } from '../load/journal.js'

export interface Losses {
  /** Requests that failed. */
  failed: number
  /** Those on connections that a killed member had accepted: no other member could answer them. */
  accepted: number
  /** The other failed requests: another member could have answered them. */
  beyond: number
}

/** @param accepted the clients whose connections the killed members had accepted */
export function lossesOf(entries: readonly Entry[], accepted: ReadonlySet<string>): Losses {
  const failed = entries.filter(({ failure }) => failure !== null)
  const own = failed.filter(({ client }) => accepted.has(client)).length
  return { failed: failed.length, accepted: own, beyond: failed.length - own }
}

/**
 * Of the connections that had waited for longer than `waited` at `moment`: how long after `moment` the
 * first was answered, in milliseconds; `null` if none of them was answered.
 */
export function firstAnswerAfter(
  moment: number,
  waited: number,
  entries: readonly Entry[],
): number | null {
  const times = entries.flatMap(({ connected, answered }) => {
    const wasWaiting = connected !== null && connected < moment - waited
    return wasWaiting && answered !== null && answered > moment ? [answered - moment] : []
  })
  return times.length === 0 ? null : min(times)
}
