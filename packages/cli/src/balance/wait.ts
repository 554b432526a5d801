/** What was measured of a member since the previous round. What is not known is `null`. */
export interface Sample {
  /** How many connections wait at its listener now. */
  queue: number | null
  /** How many it has accepted since then. */
  accepted: number | null
  /** How late its event loop was on average, in milliseconds. */
  delay: number | null
  /** Whether it answers. A member that does not is stalled. */
  answers: boolean
}

/** The longest wait that is counted, in milliseconds. */
export const longestWait = 1000

/**
 * How long a new connection waits at a member before anything is done for it, in milliseconds; `null` if
 * nothing is known about that. It waits for the connections ahead of it, and for the event loop. The longer
 * of the two counts, because both are waits for the same loop.
 *
 * By Little's law, the wait in a queue is its length divided by its throughput. A single waiting connection
 * says nothing, because it may have just arrived.
 *
 * @param elapsed since the previous round, in milliseconds
 */
export function waitAt(
  { queue, accepted, delay, answers }: Sample,
  elapsed: number,
): number | null {
  if (!answers) return longestWait
  const waits = [delay, inQueue(queue, accepted, elapsed)].filter(isWait)
  return waits.length === 0 ? null : Math.min(longestWait, Math.max(...waits))
}

function inQueue(queue: number | null, accepted: number | null, elapsed: number): number | null {
  if (queue === null || accepted === null) return null
  return (Math.max(0, queue - 1) * elapsed) / Math.max(1, accepted)
}

/** A value from a member that is not a valid time is ignored. */
function isWait(value: number | null): value is number {
  return value !== null && value >= 0
}
