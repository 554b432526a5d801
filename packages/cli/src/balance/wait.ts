/** What a member showed since the round before. What is not known is `null`. */
export interface Sample {
  /** How many connections wait at its listener now. */
  queue: number | null
  /** How many it has accepted since. */
  accepted: number | null
  /** How late its event loop was on average, in milliseconds. */
  delay: number | null
  /** Whether it answers. One that does not is stalled. */
  answers: boolean
}

/** No wait is taken for longer, in milliseconds. */
export const longestWait = 1000

/**
 * How long a new connection waits at a member before anything is done for it, in milliseconds; `null` where
 * nothing of that is known. It waits for the connections before it, and for the event loop: the longer of
 * the two, since they wait for the same loop.
 *
 * By Little's law the wait in a queue is its length by its throughput. One connection that waits says
 * nothing, as it may have come right now.
 *
 * @param elapsed since the round before, in milliseconds
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

/** What members tell is taken for nothing where it is no time. */
function isWait(value: number | null): value is number {
  return value !== null && value >= 0
}
