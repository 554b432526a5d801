import { setTimeout } from 'node:timers/promises'
import { patience } from './patience.js'

/** How long it pauses before it looks again, in milliseconds. */
const pause = 10

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>

/**
 * Waits until a condition is true, and resolves to its value. If that takes too long, the error says what
 * was waited for.
 *
 * @param tell describes the state instead; by default, the error shows the condition
 */
export async function until<T>(
  condition: () => T,
  tell = (): string => `this did not come true: ${condition}`,
): Promise<Truthy<Awaited<T>>> {
  const deadline = performance.now() + patience
  for (;;) {
    const found = await condition()
    if (found) return found as Truthy<Awaited<T>>
    if (performance.now() > deadline) throw new Error(`after ${patience} ms ${tell()}`)
    await setTimeout(pause)
  }
}
