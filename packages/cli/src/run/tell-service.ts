import type { Supervisor } from '@reuse/cli'
import type { Service } from '../systemd/service.js'

/**
 * Tells systemd the state of apps, and has it keep the listeners of their workers.
 *
 * @param stopped resolves when all of them have stopped
 */
export function tellService(
  service: Service,
  supervisors: readonly Supervisor[],
  stopped: Promise<unknown>,
): void {
  const sayReady = (): void => service.ready(describe(supervisors))
  const sayStatus = (): void => service.status(describe(supervisors))
  const store = (): void => service.store(new Map(supervisors.flatMap(({ held }) => [...held])))
  Promise.all(supervisors.map((one) => one.ready())).then(sayReady, () => {}) // Stopped before that.
  for (const supervisor of supervisors) {
    supervisor.on('reloading', () => service.reloading())
    supervisor.on('reloaded', sayReady)
    supervisor.on('reload-failed', sayReady)
    supervisor.on('crashed', sayStatus)
    supervisor.on('ready', sayStatus)
    supervisor.on('held', store)
    supervisor.once('stopping', () => {
      if (supervisors.every((one) => one.status().state === 'stopping')) service.stopping()
    })
  }
  store()
  stopped.then(() => service.close())
}

/** `3 of 4 workers serve (version 2)`; with several apps, each with its name. */
function describe(supervisors: readonly Supervisor[]): string {
  const texts = supervisors.map((supervisor) => {
    const { name, instances, version, workers } = supervisor.status()
    const ready = workers.filter(({ state }) => state === 'ready').length
    const text = `${ready} of ${instances} workers serve (version ${version})`
    return supervisors.length === 1 ? text : `${name}: ${text}`
  })
  return texts.join('; ')
}
