/** What those who have left in this turn of the event loop have still to do for the others. */
const pending = new Set<() => void>()

/**
 * Does something when the program's own code of this moment is done: a listener that is closed in it
 * is closed by then. To end a connection to a member wakes that, and on a busy machine it runs first:
 * a close would come back some milliseconds later.
 *
 * Where the program ends before, the kernel ends the connections.
 */
export function handOverSoon(handOver: () => void): void {
  if (pending.size === 0) process.nextTick(handOverNow)
  pending.add(handOver)
}

/** Does now what is left to be done: before one of this thread asks who is there. */
export function handOverNow(): void {
  for (const handOver of pending) {
    pending.delete(handOver)
    handOver()
  }
}
