import { SuperviseError } from '../supervise-error.js'
import type { App } from './options.js'
import { Slot, type SlotOwner } from './slot.js'
import type { Worker } from './worker.js'

/** The number of a canary, which no other worker has. */
export const canaryNumber = 0

/** The share of new connections that a canary may get, and the range of weights. */
const shares = { least: 0.001, most: 0.5 }
const weights = { least: 0.001, most: 1000 }

/**
 * The weight of a worker that gets a share of an app's new connections.
 *
 * @param share more than 0, and at most a half
 * @throws RangeError for another share, or one that no weight gives
 */
export function weightOfShare(share: unknown, { weight }: App, workers: number): number {
  if (typeof share !== 'number' || !(share >= shares.least && share <= shares.most)) {
    throw new RangeError(
      `a canary gets a share from ${shares.least} to ${shares.most}, got ${String(share)}`,
    )
  }
  // share = w / (w + the others' weights)
  const wanted = (share * workers * weight) / (1 - share)
  if (wanted >= weights.least && wanted <= weights.most) return wanted
  throw new RangeError(
    `a canary with a share of ${share} beside ${workers} workers of weight ${weight} would weigh ${wanted}, and weights are from ${weights.least} to ${weights.most}`,
  )
}

/** The error on systems where all workers accept from one listener. */
export function cannotWeigh(): SuperviseError {
  return new SuperviseError(
    'ERR_SUPERVISE_UNSUPPORTED',
    `a canary needs Linux, and this is ${process.platform}: here all workers accept from one listener, and none gets a share. 'reuse reload' replaces them one by one.`,
  )
}

/** The slot of a worker of the next version, which is tried beside the others. */
export class Canary {
  readonly #app: string
  #slot: Slot | null = null

  /** @param app its name */
  constructor(app: string) {
    this.#app = app
  }

  /** `null` while there is no canary. */
  get slot(): Slot | null {
    return this.#slot
  }

  /** @throws SuperviseError `ERR_SUPERVISE_CANARY` if there is a canary */
  requireNone(): void {
    if (this.#slot !== null) throw hasCanary(this.#app)
  }

  /** @throws SuperviseError `ERR_SUPERVISE_NO_CANARY` if there is no canary */
  requireOne(): void {
    if (this.#slot === null) throw noCanary(this.#app)
  }

  /**
   * Starts the canary, and waits until it is ready.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY`: then there is no canary
   */
  async start(owner: SlotOwner): Promise<Worker> {
    const slot = new Slot(canaryNumber, owner)
    this.#slot = slot
    slot.start()
    try {
      await slot.ready()
    } catch (error) {
      await this.end()
      throw error
    }
    const { worker } = slot
    if (worker === null) throw noCanary(this.#app)
    return worker
  }

  /** Makes the canary leave, if there is one. */
  async end(): Promise<void> {
    const slot = this.#slot
    this.#slot = null
    await slot?.close()
  }
}

function noCanary(name: string): SuperviseError {
  return new SuperviseError(
    'ERR_SUPERVISE_NO_CANARY',
    `app ${name} has no canary. 'reuse reload --canary 5% ${name}' starts one.`,
  )
}

function hasCanary(name: string): SuperviseError {
  return new SuperviseError(
    'ERR_SUPERVISE_CANARY',
    `app ${name} has a canary. 'reuse promote ${name}' replaces the others by its version, 'reuse rollback ${name}' ends it.`,
  )
}
