import type { NamedMember, Queue } from '@reuse/core/group'
import { type Launch, launchOf } from '../launch.js'
import type { App } from '../options.js'
import { ChildWorkerProcess, type WorkerProcess } from '../worker-process.js'
import { KeptGroups } from './kept-groups.js'
import { MembershipWatch } from './membership-watch.js'
import type { Sharing, SharingOwner } from './sharing.js'

/**
 * Each worker has its own listener, and the listeners of one port are a group, over which the system spreads
 * the connections. For Linux. A keeper of each group holds all of them.
 */
export class OwnListeners implements Sharing {
  readonly outlivesManager = true
  readonly weighs = true
  readonly #app: App
  readonly #groups: KeptGroups
  #owner: SharingOwner = { workers: () => [], onHeld: () => {} }
  readonly #memberships: MembershipWatch

  constructor(app: App) {
    this.#app = app
    // Commands do not serve what waits at each other's listeners; scripts do, through @reuse.
    const options = { holdTimeout: app.holdTimeout, retireOrphans: !app.isScript }
    this.#groups = new KeptGroups(options, () => this.#owner.onHeld())
    this.#memberships = new MembershipWatch(
      () => this.#owner.workers(),
      (keys) => {
        for (const key of keys) if (isOwn(key)) this.#groups.keep(key)
      },
    )
  }

  get held(): ReadonlyMap<number, number> {
    return this.#groups.listeners
  }

  launch(app: App): Launch {
    return launchOf(app)
  }

  open(owner: SharingOwner): void {
    this.#owner = owner
    for (const listener of this.#app.listeners) this.#groups.adopt(listener)
  }

  startProcess(launch: Launch, outputs: readonly [number, number]): WorkerProcess {
    return new ChildWorkerProcess(launch, outputs)
  }

  onStart(): void {
    this.#memberships.hurry()
  }

  onAdopted(): void {
    this.#memberships.look()
  }

  queueOf(member: NamedMember): Queue | null {
    return this.#groups.queueOf(member)
  }

  shareOf(member: NamedMember): number | null {
    return this.#groups.shareOf(member)
  }

  balance(key: string, factors: ReadonlyMap<string, number>): void {
    this.#groups.balance(key, factors)
  }

  beginStop(keepsPorts: boolean): void {
    this.#memberships.close()
    // No client should wait for a worker that never comes.
    if (!keepsPorts) this.#groups.close()
  }

  close(): void {
    this.#groups.close()
  }
}

/** A worker that became another user has groups that only that user can be in. */
function isOwn(key: string): boolean {
  return key.endsWith(`/${process.geteuid?.()}`)
}
