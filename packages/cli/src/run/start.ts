import type { ClaimedApp, SuperviseOptions, Supervisor } from '@reuse/cli'
import type { MetricsPlace, MetricsServer } from '../metrics/server.js'

/** Starts apps: everything that this requires is there before anything is started or taken over. */
export class Start {
  /** Apps that have not been started yet. */
  readonly #claimed: ClaimedApp[] = []
  #metrics: MetricsServer | null = null

  private constructor() {}

  /** @throws an error if an app has a manager already, or if metrics cannot be served */
  static async prepare(
    apps: readonly SuperviseOptions[],
    metrics: MetricsPlace | null,
  ): Promise<Start> {
    const start = new Start()
    try {
      await start.#take(apps, metrics)
      return start
    } catch (error) {
      start.end()
      throw error
    }
  }

  /** Starts the next app; `null` if there is none. */
  async next(): Promise<Supervisor | null> {
    return this.#claimed.shift()?.start() ?? null
  }

  serveMetrics(supervisors: readonly Supervisor[]): void {
    this.#metrics?.serve(supervisors)
  }

  /** Releases what it has taken, except for the apps that were started. */
  end(): void {
    for (const app of this.#claimed.splice(0)) app.release()
    this.#metrics?.close()
  }

  async #take(apps: readonly SuperviseOptions[], metrics: MetricsPlace | null): Promise<void> {
    // Imported here, so that the help works where the addon does not.
    const { claimApp } = await import('@reuse/cli')
    for (const app of apps) this.#claimed.push(await claimApp(app))
    if (metrics === null) return
    const { MetricsServer } = await import('../metrics/server.js')
    this.#metrics = await MetricsServer.listen(metrics)
  }
}
