import { setTimeout } from 'node:timers/promises'

/** Waits until something is there, and returns it; fails after half a minute. */
export async function until<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
): Promise<T> {
  const deadline = performance.now() + 30_000
  while (performance.now() < deadline) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    await setTimeout(25)
  }
  throw new Error(`not in half a minute: ${what}`)
}
