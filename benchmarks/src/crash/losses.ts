/** What the clients of a load say of the death of a server. */
import { min } from 'simple-statistics'
import type { Entry } from '../load/journal.js'

export interface Losses {
  /** Requests that failed. */
  failed: number
  /** Of them those on connections that a killed member had accepted: nobody else could answer them. */
  accepted: number
  /** The others: somebody else could have. */
  beyond: number
}

/** @param accepted the clients whose connections the killed members had accepted */
export function lossesOf(entries: readonly Entry[], accepted: ReadonlySet<string>): Losses {
  const failed = entries.filter(({ failure }) => failure !== null)
  const own = failed.filter(({ client }) => accepted.has(client)).length
  return { failed: failed.length, accepted: own, beyond: failed.length - own }
}

/**
 * How long after a moment the first of those connections was answered that had waited for so long
 * then, in milliseconds; `null` if none of them was answered.
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
