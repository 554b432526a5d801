/** What members that have left in this turn of the event loop still have to do for the others. */
const pending = new Set<() => void>()

/**
 * Does something after the program's code that is running now, so that a listener that this code closes
 * is closed first. Ending a connection to a member wakes that member, and on a busy machine the member
 * runs first: a close would return some milliseconds later.
 *
 * If the program ends before that, the kernel ends the connections.
 */
export function handOverSoon(handOver: () => void): void {
  if (pending.size === 0) process.nextTick(handOverNow)
  pending.add(handOver)
}

/** Does now what is still to be done, before a member of this thread asks who is there. */
export function handOverNow(): void {
  for (const handOver of pending) {
    pending.delete(handOver)
    handOver()
  }
}
