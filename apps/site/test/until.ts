import { setTimeout } from 'node:timers/promises'

/** Waits until something is true; fails after half a minute. */
export async function until(
  look: () => boolean | Promise<boolean>,
  what = String(look),
): Promise<void> {
  const deadline = AbortSignal.timeout(30_000)
  while (!(await look())) {
    if (deadline.aborted) throw new Error(`not in half a minute: ${what}`)
    await setTimeout(20)
  }
}
