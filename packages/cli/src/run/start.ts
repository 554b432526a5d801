import type { ClaimedApp, SuperviseOptions, Supervisor } from '@reuse/cli'
import type { Where } from '../arguments.js'
import type { MetricsPlace, MetricsServer } from '../metrics/server.js'
import { checkPlaces, openPlaces } from './listeners.js'
import { endManagers, findManagers, willBeFree } from './take-over.js'

/** What a start requires, besides the apps. */
export interface Requirements {
  /** The ports that are opened before a worker opens them. */
  listen: readonly Where[]
  metrics: MetricsPlace | null
  /** Whether the managers that the apps have now are to end. */
  takeOver: boolean
}

/** Starts apps: everything that this requires is there before anything is started or taken over. */
export class Start {
  readonly #apps: readonly SuperviseOptions[]
  /** Apps that have not been started yet, by name. */
  readonly #claimed = new Map<string, ClaimedApp>()
  /** The first app holds them, for whichever worker takes them. */
  #opened: readonly number[] = []
  #metrics: MetricsServer | null = null

  private constructor(apps: readonly SuperviseOptions[]) {
    this.#apps = apps
  }

  /** @throws an error if an app has a manager that does not end, or if metrics or a port cannot be served */
  static async prepare(
    apps: readonly SuperviseOptions[],
    requirements: Requirements,
  ): Promise<Start> {
    const start = new Start(apps)
    try {
      await start.#take(requirements)
      return start
    } catch (error) {
      start.end()
      throw error
    }
  }

  /** Starts the next app; `null` if there is none. */
  async next(): Promise<Supervisor | null> {
    for (const { name } of this.#apps) {
      const claimed = this.#claimed.get(name)
      if (claimed === undefined) continue // It has been started.
      this.#claimed.delete(name)
      const opened = this.#opened
      this.#opened = []
      return claimed.start(opened)
    }
    return null
  }

  serveMetrics(supervisors: readonly Supervisor[]): void {
    this.#metrics?.serve(supervisors)
  }

  /** Releases what it has taken, except for the apps that were started. */
  end(): void {
    for (const app of this.#claimed.values()) app.release()
    this.#claimed.clear()
    this.#metrics?.close()
  }

  /** What cannot be undone comes last: first the managers end, then the ports are opened. */
  async #take({ listen, metrics, takeOver }: Requirements): Promise<void> {
    const places = await checkPlaces(listen)
    const managers = takeOver ? await findManagers(this.#apps.map(({ name }) => name)) : []
    const isManaged = (app: SuperviseOptions): boolean =>
      managers.some((manager) => manager.app === app.name)
    await this.#claim(this.#apps.filter((app) => !isManaged(app)))
    const waits = metrics !== null && (await willBeFree(metrics, managers))
    if (!waits) await this.#listen(metrics)
    await endManagers(managers)
    await this.#claim(this.#apps.filter(isManaged))
    if (waits) await this.#listen(metrics)
    this.#opened = await openPlaces(places)
  }

  async #claim(apps: readonly SuperviseOptions[]): Promise<void> {
    // Imported here, so that the help works where the addon does not.
    const { claimApp } = await import('@reuse/cli')
    for (const app of apps) this.#claimed.set(app.name, await claimApp(app))
  }

  async #listen(metrics: MetricsPlace | null): Promise<void> {
    if (metrics === null) return
    const { MetricsServer } = await import('../metrics/server.js')
    this.#metrics = await MetricsServer.listen(metrics)
  }
}
