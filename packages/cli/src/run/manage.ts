import { once } from 'node:events'
import type { SuperviseOptions, Supervisor } from '@reuse/cli'
import type { Where } from '../arguments.js'
import { exitCodes } from '../failure.js'
import type { MetricsPlace } from '../metrics/server.js'
import { openListeners } from './listeners.js'
import type { RunLog } from './log.js'
import { reportEvents } from './report.js'
import { handleSignals } from './signals.js'
import { tellService } from './tell-service.js'

export interface ManageOptions {
  /** What is opened before a worker does. */
  listen: readonly Where[]
  metrics: MetricsPlace | null
  log: RunLog
}

/** Runs apps until all of them have stopped. */
export async function manage(
  apps: readonly SuperviseOptions[],
  { listen, metrics, log }: ManageOptions,
): Promise<void> {
  const { Service } = await import('../systemd/service.js')
  const service = Service.fromEnvironment(process.env, ({ message }) => {
    log.say(`systemd does not hear: ${message}`, { level: 'warn' })
  })
  const { handedIn, opened } = await openListeners(listen)
  const keepsPorts = service !== null || handedIn.length > 0
  const all = new Running(log)
  // Before the first worker is there: a signal may come while the others are started.
  const signals = handleSignals(all.supervisors, log)
  try {
    const listeners = [...handedIn, ...opened]
    // Here, as the help works where the addon does not.
    const { supervise } = await import('@reuse/cli')
    for (const [index, app] of apps.entries()) {
      if (signals.isStopping) break
      // They are held by the first, for whichever worker takes them.
      const held = index === 0 ? listeners : []
      all.add(await supervise({ ...app, keepsPorts, listeners: held }))
    }
    if (service !== null) tellService(service, all.supervisors, all.stopped)
    if (metrics !== null) {
      const { serveMetrics } = await import('../metrics/server.js')
      await serveMetrics(all.supervisors, metrics, all.stopped)
    }
    if (signals.isStopping) all.stop()
  } catch (error) {
    await all.stop()
    throw error
  }
  await all.stopped
  process.exitCode = signals.hasKilled ? exitCodes.failed : exitCodes.done
}

/** Apps that have been started: all of them, or none. */
class Running {
  readonly supervisors: Supervisor[] = []
  readonly #ends: Promise<unknown>[] = []
  readonly #log: RunLog

  constructor(log: RunLog) {
    this.#log = log
  }

  add(supervisor: Supervisor): void {
    this.supervisors.push(supervisor)
    this.#ends.push(once(supervisor, 'stopped'))
    reportEvents(supervisor, this.#log)
  }

  /** Resolves when all that have been added have stopped. */
  get stopped(): Promise<unknown> {
    return Promise.all(this.#ends)
  }

  async stop(): Promise<void> {
    await Promise.all(this.supervisors.map((supervisor) => supervisor.stop()))
  }
}
