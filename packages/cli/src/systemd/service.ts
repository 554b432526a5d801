import { Notifier } from '@reuse/core/group'

/** The variables by which systemd informs a service. Workers must not get them: they are not the service. */
const variables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'] as const

/**
 * This process as a service of systemd: it says when it is ready and that it lives, and gives its listeners
 * to the descriptor store, so that they outlive it; sd_notify(3), systemd.service(5).
 *
 * A message that does not reach systemd is no reason to stop serving: the failure is reported once.
 */
export class Service {
  readonly #notifier: Notifier
  readonly #onFailure: (error: Error) => void
  readonly #watchdog: NodeJS.Timeout | null
  /** The inodes of what is in the store. */
  #stored = new Set<number>()
  #hasFailed = false

  /**
   * Takes the variables out of the environment.
   *
   * @param onFailure called once, when a message does not reach systemd
   * @returns `null` if this process is not a service that notifies systemd
   * @throws a system error if NOTIFY_SOCKET names nothing
   */
  static fromEnvironment(
    env: NodeJS.ProcessEnv,
    onFailure: (error: Error) => void,
  ): Service | null {
    const [path, period, pid] = variables.map((name) => env[name])
    for (const name of variables) delete env[name]
    if (path === undefined || path === '') return null
    const isForThis = pid === undefined || pid === String(process.pid)
    const microseconds = isForThis && period !== undefined ? Number(period) : 0
    return new Service(new Notifier(path), microseconds / 1000, onFailure)
  }

  private constructor(notifier: Notifier, patience: number, onFailure: (error: Error) => void) {
    this.#notifier = notifier
    this.#onFailure = onFailure
    // Twice as often as it has to, as sd_watchdog_enabled(3) advises.
    this.#watchdog =
      patience > 0 ? setInterval(() => this.#say('WATCHDOG=1'), Math.ceil(patience / 2)) : null
    // If the start fails, the timer does not keep the process alive.
    this.#watchdog?.unref()
  }

  /** All workers serve. @param status a line for `systemctl status` */
  ready(status: string): void {
    this.#say(`READY=1\nSTATUS=${line(status)}`)
  }

  /** The workers are being replaced; `ready` follows in any case. */
  reloading(): void {
    // Systemd tells reloads apart by this time; the clock is CLOCK_MONOTONIC.
    const now = process.hrtime.bigint() / 1000n
    this.#say(`RELOADING=1\nMONOTONIC_USEC=${now}`)
  }

  status(status: string): void {
    this.#say(`STATUS=${line(status)}`)
  }

  stopping(): void {
    this.#say('STOPPING=1')
  }

  /**
   * Has the descriptor store keep these listeners and no others. This needs `FileDescriptorStoreMax=` in the
   * unit: without it, systemd drops them silently.
   *
   * @param listeners descriptors by inode
   */
  store(listeners: ReadonlyMap<number, number>): void {
    for (const [inode, descriptor] of listeners) {
      if (!this.#stored.has(inode)) this.#say(`FDSTORE=1\n${nameLine(inode)}`, descriptor)
    }
    for (const inode of this.#stored) {
      if (!listeners.has(inode)) this.#say(`FDSTOREREMOVE=1\n${nameLine(inode)}`)
    }
    this.#stored = new Set(listeners.keys())
  }

  close(): void {
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    this.#notifier.close()
  }

  #say(state: string, descriptor: number | null = null): void {
    this.#notifier.send(state, descriptor).catch((error: Error) => {
      if (!this.#hasFailed) this.#onFailure(error)
      this.#hasFailed = true
    })
  }
}

/** A listener is removed from the store by this name, and known by it when it comes back. */
function nameLine(inode: number): string {
  return `FDNAME=reuse-${inode}`
}

function line(text: string): string {
  return text.replaceAll('\n', ' ')
}
