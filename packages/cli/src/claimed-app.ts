import { ControlServer } from './control/server.js'
import { type Claim, takeClaim } from './state/claim.js'
import { controlPath, makeFolder } from './state/folder.js'
import { SuperviseError } from './supervise-error.js'
import { type App, checkSuperviseOptions, type SuperviseOptions } from './supervisor/options.js'
import { sharingOf } from './supervisor/sharing/choose.js'
import type { Sharing } from './supervisor/sharing/sharing.js'
import { Supervisor } from './supervisor/supervisor.js'

/** An app that this process manages, but of which it has not started or taken over anything yet. */
export class ClaimedApp {
  readonly #app: App
  readonly #sharing: Sharing
  readonly #folder: string
  readonly #claim: Claim

  private constructor(app: App, sharing: Sharing, folder: string, claim: Claim) {
    this.#app = app
    this.#sharing = sharing
    this.#folder = folder
    this.#claim = claim
  }

  /** @internal use `claimApp()` */
  static async take(options: SuperviseOptions): Promise<ClaimedApp> {
    const app = checkSuperviseOptions(options)
    const sharing = sharingOf(app)
    const folder = makeFolder(app.name)
    const claim = await takeClaim(folder)
    if (typeof claim !== 'number') return new ClaimedApp(app, sharing, folder, claim)
    throw new SuperviseError(
      'ERR_SUPERVISE_RUNNING',
      `app ${app.name} is already running: process ${claim} manages it. 'reuse reload ${app.name}' replaces its workers, 'reuse stop ${app.name}' stops it, and 'reuse run --take-over …' replaces its manager; a different app needs a different name.`,
    )
  }

  /**
   * Starts the workers, or takes over those that an earlier manager has left. Call it once.
   *
   * @param listeners more of them, as in the options: those that were opened after the claim, because a
   * listener that is closed again, when a claim is refused, loses the connections that it has got meanwhile
   */
  async start(listeners: readonly number[] = []): Promise<Supervisor> {
    let control: ControlServer | undefined
    try {
      const app = { ...this.#app, listeners: [...this.#app.listeners, ...listeners] }
      const sharing = listeners.length === 0 ? this.#sharing : sharingOf(app)
      const supervisor = new Supervisor(app, this.#folder, sharing)
      control = await ControlServer.listen(controlPath(this.#folder), supervisor)
      const end = (): void => {
        // The socket first: the next manager of the app creates one of the same name.
        control?.close()
        this.#claim.release()
      }
      supervisor.once('stopped', end).once('released', end)
      supervisor.start()
      return supervisor
    } catch (error) {
      control?.close()
      this.#claim.release()
      throw error
    }
  }

  /** Leaves the app as it is, for its next manager. */
  release(): void {
    this.#claim.release()
  }
}
