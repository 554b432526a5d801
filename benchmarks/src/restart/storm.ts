import { Load, type LoadReport, type LoadSettings } from '../load/load.js'
import type { RestartingSide, RestartingStart } from './restarting-side.js'

export interface StormSettings extends RestartingStart {
  load: LoadSettings
  /** How many workers to replace; a side that always replaces all of them may replace more. */
  restarts: number
}

export interface Storm {
  /** How many workers were replaced. */
  restarts: number
  /** How long that took. */
  seconds: number
  /** How long each of them took to leave, as it reported, in milliseconds. */
  leaves: number[]
  load: LoadReport
  versions: Readonly<Record<string, string>>
}

/** In every step of this number, two workers are replaced at once. */
const twoEvery = 4

/** How long a storm may last for each restart, in seconds. */
const patience = 5

/** Replaces workers under load, one after the other, and now and then two at once. */
export async function restartStorm(
  { start }: RestartingSide,
  { node, network, members, load: settings, restarts }: StormSettings,
): Promise<Storm> {
  await using running = await start({ node, network, members })
  await using load = await Load.start(node.program, network, running.port, settings)
  const began = performance.now()
  const secondsSince = (): number => (performance.now() - began) / 1000
  const leaves: number[] = []
  let done = 0
  for (let step = 1; done < restarts; step++) {
    if (secondsSince() > patience * restarts) {
      throw new Error(`only ${done} of ${restarts} restarts in ${patience * restarts} s`)
    }
    const atOnce = step % twoEvery === 0 ? 2 : 1
    const replacement = await running.restart(Math.min(atOnce, restarts - done))
    if (replacement.replaced === 0) throw new Error('nothing was replaced')
    leaves.push(...replacement.leaves)
    done += replacement.replaced
  }
  const seconds = secondsSince()
  const { versions = {} } = running
  return { restarts: done, seconds, leaves, load: await load.stop(), versions }
}
