import type { SuperviseOptions, Supervisor } from '@reuse/cli'
import type { Where } from '../arguments.js'
import { exitCodes } from '../failure.js'
import type { MetricsPlace } from '../metrics/server.js'
import { openListeners } from './listeners.js'
import type { RunLog } from './log.js'
import { reportEvents } from './report.js'
import { handleSignals } from './signals.js'
import { whenAllHaveStopped } from './stopped.js'
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
  const supervisors = await superviseAll(
    apps.map((app) => ({ ...app, keepsPorts })),
    [...handedIn, ...opened],
  )
  if (service !== null) tellService(service, supervisors)
  for (const supervisor of supervisors) reportEvents(supervisor, log)
  const signals = handleSignals(supervisors, log)
  if (metrics !== null) await monitor(supervisors, metrics)
  await whenAllHaveStopped(supervisors)
  process.exitCode = signals.hasKilled ? exitCodes.failed : exitCodes.done
}

/** Starts all of them, or none. The listeners are held by the first, for whichever worker takes them. */
async function superviseAll(
  apps: readonly SuperviseOptions[],
  listeners: readonly number[],
): Promise<Supervisor[]> {
  // Here, as the help works where the addon does not.
  const { supervise } = await import('@reuse/cli')
  const started: Supervisor[] = []
  try {
    for (const app of apps) {
      const held = started.length === 0 ? listeners : []
      started.push(await supervise({ ...app, listeners: held }))
    }
    return started
  } catch (error) {
    await stopAll(started)
    throw error
  }
}

async function monitor(supervisors: readonly Supervisor[], place: MetricsPlace): Promise<void> {
  const { serveMetrics } = await import('../metrics/server.js')
  try {
    await serveMetrics(supervisors, place)
  } catch (error) {
    await stopAll(supervisors)
    throw error
  }
}

async function stopAll(supervisors: readonly Supervisor[]): Promise<void> {
  await Promise.all(supervisors.map((supervisor) => supervisor.stop()))
}
