import { setTimeout } from 'node:timers/promises'
import { patience } from './patience.js'

/** How long it pauses before it looks again, in milliseconds. */
const pause = 10

/**
 * Waits until something is so, and gives what the condition has given then. Fails with what was waited
 * for where that takes too long.
 *
 * @param tell says how it is instead; by default the condition is shown
 */
export async function until<T>(
  condition: () => T,
  tell = (): string => `not so: ${condition}`,
): Promise<NonNullable<Awaited<T>>> {
  const deadline = performance.now() + patience
  for (;;) {
    const found = await condition()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`after ${patience} ms ${tell()}`)
    await setTimeout(pause)
  }
}
