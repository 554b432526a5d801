import { Load, type LoadReport, type LoadSettings } from '../load/load.js'
import type { RestartingSide, RestartingStart } from './restarting-side.js'

export interface StormSettings extends Omit<RestartingStart, 'members'> {
  load: LoadSettings
  /** How many workers are to be replaced, at least. */
  restarts: number
}

export interface Storm {
  /** How many workers were replaced. */
  restarts: number
  /** How long that took. */
  seconds: number
  load: LoadReport
  versions: Readonly<Record<string, string>>
}

/** So many workers share the port. */
export const members = 4

/** Every so many steps, two are replaced at once. */
const twoEvery = 4

/** Replaces workers under load, one after the other, and now and then two at once. */
export async function restartStorm(
  { start }: RestartingSide,
  { node, network, load: settings, restarts }: StormSettings,
): Promise<Storm> {
  await using running = await start({ node, network, members })
  await using load = await Load.start(node.program, network, running.port, settings)
  const began = performance.now()
  let done = 0
  for (let step = 1; done < restarts; step++) {
    const replaced = await running.restart(step % twoEvery === 0 ? 2 : 1)
    if (replaced === 0) throw new Error('nothing was replaced')
    done += replaced
  }
  const seconds = (performance.now() - began) / 1000
  return { restarts: done, seconds, load: await load.stop(), versions: running.versions ?? {} }
}
