import { ask } from '../control/client.js'
import type { AppMeasures } from '../control/messages.js'
import { Failure } from '../failure.js'
import { isAppStatus } from '../status/rows.js'
import { type AppRates, ratesOf } from './rates.js'

/** Looks at apps again and again. */
export class Looks {
  #last: ReadonlyMap<string, AppMeasures> = new Map()

  /**
   * The state of apps now, and what they did since the previous look; for an app that cannot be asked, the
   * reason why not.
   *
   * @param signal aborts when nobody waits any longer
   */
  async look(apps: readonly string[], signal?: AbortSignal): Promise<(AppRates | Failure)[]> {
    const found = await Promise.all(apps.map((app) => measure(app, signal)))
    const rates = found.map((one) =>
      one instanceof Failure ? one : ratesOf(this.#last.get(one.name), one),
    )
    const measured = found.flatMap((one) => (one instanceof Failure ? [] : one))
    this.#last = new Map(measured.map((one) => [one.name, one]))
    return rates
  }
}

async function measure(app: string, signal?: AbortSignal): Promise<AppMeasures | Failure> {
  try {
    const answer = await ask(app, { verb: 'measure' }, undefined, signal)
    if (isAppMeasures(answer)) return answer
    return new Failure(`the manager of app ${app} runs another version of @reuse/cli.`)
  } catch (error) {
    if (error instanceof Failure) return error
    throw error
  }
}

/** The manager may be of another version. */
function isAppMeasures(value: unknown): value is AppMeasures {
  return isAppStatus(value) && value.workers.every((worker) => 'answers' in worker)
}
