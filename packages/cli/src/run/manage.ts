import { once } from 'node:events'
import type { SuperviseOptions, Supervisor } from '@reuse/cli'
import { exitCodes } from '../failure.js'
import { takeHandedIn } from './listeners.js'
import type { RunLog } from './log.js'
import { reportEvents } from './report.js'
import { handleSignals } from './signals.js'
import { type Requirements, Start } from './start.js'
import { nameUnmanaged } from './take-over.js'
import { tellService } from './tell-service.js'

/** Runs apps until all of them have stopped. */
export async function manage(
  apps: readonly SuperviseOptions[],
  requirements: Requirements,
  log: RunLog,
): Promise<void> {
  try {
    await run(apps, requirements, log)
  } catch (error) {
    const names = apps.map(({ name }) => name)
    throw nameUnmanaged(error, names)
  }
}

async function run(
  apps: readonly SuperviseOptions[],
  requirements: Requirements,
  log: RunLog,
): Promise<void> {
  const { Service } = await import('../systemd/service.js')
  const service = Service.fromEnvironment(process.env, ({ message }) => {
    log.say(`cannot notify systemd: ${message}`, { level: 'warn' })
  })
  const handedIn = await takeHandedIn()
  const keepsPorts = service !== null || handedIn.length > 0
  // The first app holds them, for whichever worker takes them.
  const given = apps.map((app, index) => {
    return { ...app, keepsPorts, listeners: index === 0 ? handedIn : [] }
  })
  // Anything that can be refused is refused here, while workers that a manager has left go on as they are.
  const start = await Start.prepare(given, requirements)
  const supervisors: Supervisor[] = []
  // Before the first worker is started: a signal may come while the others are being started.
  const signals = handleSignals(supervisors, log)
  const stopAll = (): Promise<unknown> => Promise.all(supervisors.map((one) => one.stop()))
  const ends: Promise<unknown>[] = []
  try {
    while (!signals.isStopping) {
      const supervisor = await start.next()
      if (supervisor === null) break
      supervisors.push(supervisor)
      const released = once(supervisor, 'released').then(() => {
        supervisors.splice(supervisors.indexOf(supervisor), 1) // It belongs to another manager now.
      })
      ends.push(Promise.race([once(supervisor, 'stopped'), released]))
      reportEvents(supervisor, log)
    }
    const stopped = Promise.all(ends)
    if (service !== null) tellService(service, supervisors, stopped)
    start.serveMetrics(supervisors)
    if (signals.isStopping) stopAll()
    await stopped
  } catch (error) {
    await stopAll()
    throw error
  } finally {
    start.end()
  }
  process.exitCode = signals.hasKilled ? exitCodes.failed : exitCodes.done
}
