import { EventEmitter, once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import type { AppMeasures, AppStatus, LogLine } from '../control/messages.js'
import { readState, removeState, type SavedWorker } from '../state/file.js'
import { keepFresh } from '../state/folder.js'
import { StateWriter } from '../state/writer.js'
import { SuperviseError } from '../supervise-error.js'
import { infoOf, measuresOf, savedOf, statusesOf } from './accounts.js'
import { crashLoop } from './backoff.js'
import { Balancer } from './balancer.js'
import { Canary, canaryNumber, cannotWeigh, weightOfShare } from './canary.js'
import type { SupervisorEvents, WorkerInfo } from './events.js'
import { HangWatch } from './hang-watch.js'
import { definitionOf, describeProgram, type Launch } from './launch.js'
import { measureWorkers } from './measure.js'
import { MemoryWatch } from './memory-watch.js'
import { type App, checkInstances } from './options.js'
import { type Replacement, reloadOneByOne } from './reload.js'
import { bestOfEachSlot } from './saved-workers.js'
import type { Sharing } from './sharing/sharing.js'
import type { Crash, Slot, SlotOwner } from './slot.js'
import { Slots } from './slots.js'
import { Turns } from './turns.js'
import type { Worker } from './worker.js'
import { WorkerPool } from './worker-pool.js'

/** Each of the control socket's connections may follow what workers print. */
const mostListeners = 64

/** How often memory is checked if it has a limit, in milliseconds. */
const memoryInterval = 2000

/** How often the times of files are set to now, in milliseconds. */
const freshInterval = 3_600_000

/**
 * Runs one app: keeps its workers running, replaces and ends them. It accepts no connection: the workers
 * share their ports. It also holds their listeners, so that the listeners outlive the workers.
 */
export class Supervisor extends EventEmitter<SupervisorEvents> {
  #app: App
  readonly #folder: string
  #launch: Launch
  #definition: string
  #state: 'running' | 'stopping' | 'stopped' = 'running'
  #version = 1
  readonly #slots: Slots
  readonly #canary: Canary
  readonly #pool: WorkerPool
  readonly #sharing: Sharing
  #hangs: HangWatch | null = null
  #balancer: Balancer | null = null
  /** Emits when something that `ready()` waits for may have changed. */
  readonly #changes = new EventEmitter()
  readonly #timers: NodeJS.Timeout[] = []
  readonly #slotOwner: SlotOwner
  /** Reloads, scales and replacements take turns. */
  readonly #turns = new Turns()
  readonly #writer: StateWriter
  #stopping: Promise<void> | null = null

  /**
   * @internal use `supervise()`
   * @param folder of the app's state, which belongs to this manager
   * @param sharing how its workers share their ports
   */
  constructor(app: App, folder: string, sharing: Sharing) {
    super()
    this.setMaxListeners(mostListeners)
    this.#app = app
    this.#folder = folder
    this.#sharing = sharing
    this.#launch = sharing.launch(app)
    this.#definition = definitionOf(app, this.#launch)
    this.#pool = new WorkerPool(app.name, folder, sharing, {
      onReady: (worker) => {
        this.#noteChange()
        this.#tell(() => this.emit('ready', infoOf(worker)))
      },
      // Before the signal: the next manager must not send it again, because the second one ends the worker.
      onLeaving: () => this.#noteChange(),
      onEnded: (worker, ending) => {
        this.#noteChange()
        this.#tell(() => this.emit('ended', infoOf(worker), ending))
      },
      onLine: (line) => this.emit('line', line),
    })
    this.#slotOwner = {
      readyTimeout: app.readyTimeout,
      leaveTimeout: app.leaveTimeout,
      startWorker: (slot) => this.#startWorker(slot, this.#launch),
      onCrash: (crash) => this.#onCrash(crash),
    }
    this.#slots = new Slots(this.#slotOwner)
    this.#canary = new Canary(app.name)
    this.#writer = new StateWriter(folder, (error) => {
      this.#tell(() => this.emit('state-lost', error))
    })
  }

  /** What the app is called. */
  get name(): string {
    return this.#app.name
  }

  /**
   * Starts the workers, or takes over those of an earlier manager that still live. If these are not what
   * should run now, they are replaced one by one.
   *
   * @internal use `supervise()`
   */
  start(): void {
    this.#sharing.open({
      workers: () => this.#pool.living,
      onHeld: () => this.emit('held', this.held),
    })
    this.#timers.push(setInterval(() => keepFresh(this.#folder), freshInterval))
    if (this.#app.hangTimeout !== null) {
      this.#hangs = new HangWatch(() => this.#pool.living, this.#app.hangTimeout)
    }
    if (this.#app.balance) this.#balancer = new Balancer(() => this.#balanced(), this.#sharing)
    if (this.#app.maxMemory !== null) {
      const memory = new MemoryWatch(this.#app.maxMemory)
      this.#timers.push(setInterval(() => this.#limitMemory(memory), memoryInterval))
    }
    const saved = this.#sharing.outlivesManager ? readState(this.#folder) : null
    const living = saved?.workers ?? []
    this.#pool.open(living)
    if (saved !== null && living.length > 0) this.#version = saved.version
    this.#adopt(living)
    this.#slots.fill(Math.max(workersOf(this.#app), this.#slots.count))
    this.#save()
    this.#sharing.onAdopted()
    if (living.length > 0) this.#becomeWhatIsWanted()
  }

  /** Resolves when every worker is ready and nothing is being changed. */
  async ready(): Promise<void> {
    while (!this.#isSettled()) {
      this.#requireRunning()
      await once(this.#changes, 'change')
    }
  }

  /**
   * Replaces one worker at a time: the new one is ready before the old one leaves.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY` if a new one does not become ready: the message has its
   * exit code or signal, and its last lines. The old ones stay. `ERR_SUPERVISE_STOPPED`
   */
  async reload(): Promise<Replacement[]> {
    return this.#inTurn(() => this.#reloadNow())
  }

  /**
   * Starts one more worker, which gets a share of the new connections: the version that a reload would start
   * now is tried beside the one that runs. `promote()` or `rollback()` ends the trial.
   *
   * @param share from 0.001 to 0.5
   * @throws RangeError for another share
   * @throws SuperviseError `ERR_SUPERVISE_CANARY` if there is one already, `ERR_SUPERVISE_NOT_READY` if it
   * does not become ready, `ERR_SUPERVISE_STOPPED`, `ERR_SUPERVISE_UNSUPPORTED` outside Linux
   */
  async canary(share: number): Promise<WorkerInfo> {
    return this.#inTurn(() => this.#startCanary(share))
  }

  /**
   * Replaces all workers as `reload()` does, and then has the canary leave.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NO_CANARY`, and as `reload()`: then the canary stays
   */
  async promote(): Promise<Replacement[]> {
    return this.#inTurn(async () => {
      this.#canary.requireOne()
      const replacements = await this.#tellOf(() => reloadOneByOne(this.#slots.all))
      await this.#canary.end()
      return replacements
    })
  }

  /**
   * Has the canary leave.
   *
   * @throws SuperviseError `ERR_SUPERVISE_NO_CANARY`
   */
  async rollback(): Promise<void> {
    return this.#inTurn(async () => {
      this.#canary.requireOne()
      await this.#canary.end()
    })
  }

  /**
   * Changes how many workers there are; for an app in threads, how many threads: the process is replaced by
   * one that has that many.
   *
   * @throws RangeError, TypeError
   * @throws SuperviseError `ERR_SUPERVISE_NOT_READY` if a new one does not become ready: then there are as
   * many as before. `ERR_SUPERVISE_CANARY` if there is one, `ERR_SUPERVISE_STOPPED`
   */
  async scale(instances: number | 'auto'): Promise<number> {
    const count = checkInstances(instances)
    return this.#inTurn(async () => {
      // A canary's share was computed from the number of workers when it began.
      this.#canary.requireNone()
      if (this.#app.threads) return this.#scaleThreads(count)
      await this.#slots.resize(count)
      return this.#slots.count
    })
  }

  /** Has all workers leave, and kills those that do not in time. Resolves when all have ended. */
  async stop(): Promise<void> {
    if (this.#state !== 'stopped') this.#stopping ??= this.#stopNow()
    return this.#stopping ?? undefined
  }

  /**
   * Ends without the workers, which go on: the next manager of the app takes them over.
   *
   * @throws SuperviseError `ERR_SUPERVISE_UNSUPPORTED` if the workers end with their manager anyway, or
   * systemd would end them with it, because it is a service. `ERR_SUPERVISE_STOPPED`
   */
  async release(): Promise<void> {
    if (!this.#sharing.outlivesManager) throw cannotRelease('here workers end with their manager')
    if (this.#app.keepsPorts) {
      throw cannotRelease(
        "it is a service of systemd: use 'systemctl restart', which loses no connection",
      )
    }
    await this.#inTurn(async () => {
      for (const slot of this.#allSlots()) slot.release()
      this.#save()
      this.#pool.release()
      this.#balancer?.close()
      this.#sharing.beginStop(true)
      this.#sharing.close()
      this.#end('released')
    })
  }

  /** Kills all workers. Unless the app is being stopped, they are started again. */
  kill(): void {
    for (const worker of this.#pool.living) worker.kill()
  }

  /**
   * Sends a signal to all workers that have a handler for it. Outside Linux, where the system does not tell
   * which ones have, sends it to all.
   */
  signal(signal: NodeJS.Signals): void {
    for (const worker of this.#pool.living) worker.signal(signal)
  }

  /**
   * The listeners of the workers, which this process holds too: descriptors by inode. None outside Linux.
   */
  get held(): ReadonlyMap<number, number> {
    return this.#sharing.held
  }

  /** The state of the app and its workers. */
  status(): AppStatus {
    const workers = this.#allSlots().flatMap((slot) => statusesOf(slot, this.#sharing))
    return { ...this.#describe(), workers }
  }

  /**
   * The same, with what the workers report when they are asked. It waits at most half a second for a busy
   * worker.
   */
  async measure(): Promise<AppMeasures> {
    const told = await measureWorkers(this.#pool.living)
    const workers = this.#allSlots().flatMap((slot) => measuresOf(slot, this.#sharing, told))
    return { ...this.#describe(), workers }
  }

  /** The workers that are balanced: not a canary, which has the share that somebody has given it. */
  #balanced(): Worker[] {
    return [...this.#pool.living].filter(({ slot }) => slot !== canaryNumber)
  }

  #allSlots(): Slot[] {
    const { slot: canary } = this.#canary
    return [...this.#slots.all, ...(canary === null ? [] : [canary])]
  }

  #describe(): Omit<AppStatus, 'workers'> {
    return {
      name: this.#app.name,
      pid: process.pid,
      state: this.#state === 'running' ? 'running' : 'stopping',
      program: describeProgram(this.#app),
      instances: this.#slots.count,
      threads: this.#app.threads ? this.#app.instances : null,
      version: this.#version,
    }
  }

  /** What the workers have printed last, oldest first. */
  lastLines(count: number): LogLine[] {
    return this.#pool.lastLines(count)
  }

  // ---- workers --------------------------------------------------------------------------------

  #startWorker(slot: number, launch: Launch): Worker {
    const facts = { slot, version: this.#version, definition: this.#definition }
    const worker = this.#pool.start(facts, launch)
    // Immediately: a manager that was killed before this would leave a worker that nobody knows about.
    this.#save()
    this.#tell(() => this.emit('started', infoOf(worker)))
    return worker
  }

  #adopt(living: readonly SavedWorker[]): void {
    const best = bestOfEachSlot(living)
    const others: Worker[] = []
    for (const saved of living) {
      const worker = this.#pool.adopt(saved)
      // A canary ends with its manager. One that is leaving already is not asked again.
      const isKept = best.get(saved.slot) === saved && saved.slot !== canaryNumber
      const slot = isKept ? this.#slots.at(saved.slot) : null
      if (slot === null) others.push(worker)
      else slot.adopt(worker)
      this.#tell(() => this.emit('adopted', infoOf(worker)))
    }
    // Not before the pool has all of them: what is saved when one leaves is the pool.
    for (const worker of others) worker.leave(this.#app.leaveTimeout)
  }

  #onCrash({ worker, ending, crashes, delay }: Crash): void {
    const lastLines = worker.lastLines()
    const reason = worker.describe(ending)
    const crash = { ...infoOf(worker), ending, reason, crashes, delay, lastLines }
    this.#tell(() => {
      this.emit('crashed', crash)
      if (crashes >= crashLoop) this.emit('crash-loop', crash)
    })
  }

  // ---- what takes turns -----------------------------------------------------------------------

  async #inTurn<T>(operation: () => Promise<T>): Promise<T> {
    this.#requireRunning()
    const turn = this.#turns.take(() => {
      this.#requireRunning()
      return operation()
    })
    turn.catch(() => {}).then(() => this.#noteChange())
    return turn
  }

  async #reloadNow(slots: readonly Slot[] = this.#slots.all): Promise<Replacement[]> {
    return this.#tellOf(async () => {
      this.#canary.requireNone()
      this.#version++
      return reloadOneByOne(slots)
    })
  }

  /** Emits how a reload is going. */
  async #tellOf(reload: () => Promise<Replacement[]>): Promise<Replacement[]> {
    this.emit('reloading')
    try {
      const replacements = await reload()
      this.emit('reloaded', replacements)
      return replacements
    } catch (error) {
      if (error instanceof Error) this.emit('reload-failed', error)
      throw error
    }
  }

  async #startCanary(share: number): Promise<WorkerInfo> {
    if (!this.#sharing.weighs) throw cannotWeigh()
    this.#canary.requireNone()
    const weight = weightOfShare(share, this.#app, this.#slots.count)
    const launch = this.#sharing.launch({ ...this.#app, weight })
    this.#version++
    const worker = await this.#canary.start({
      ...this.#slotOwner,
      startWorker: (number) => this.#startWorker(number, launch),
    })
    return infoOf(worker)
  }

  async #scaleThreads(count: number): Promise<number> {
    const { instances } = this.#app
    if (count === instances) return count
    this.#setThreads(count)
    try {
      await this.#reloadNow()
    } catch (error) {
      this.#setThreads(instances)
      throw error
    }
    return count
  }

  /** Workers that are started from now on have this many threads. */
  #setThreads(instances: number): void {
    this.#app = { ...this.#app, instances }
    this.#launch = this.#sharing.launch(this.#app)
    this.#definition = definitionOf(this.#app, this.#launch)
  }

  /** The workers that were taken over may be too many, and run another program. Events report the outcome. */
  #becomeWhatIsWanted(): void {
    const change = this.#inTurn(async () => {
      const isOther = ({ worker }: Slot): boolean => worker?.definition !== this.#definition
      const others = this.#slots.all.slice(0, workersOf(this.#app)).filter(isOther)
      if (others.length > 0) await this.#reloadNow(others)
      await this.#slots.resize(workersOf(this.#app))
    })
    change.catch(() => {}) // The error was emitted, or the app stops.
  }

  #limitMemory(memory: MemoryWatch): void {
    if (this.#turns.count > 0) return
    const large = memory.find(this.#allSlots())
    if (large === null) return
    this.emit('too-large', { ...infoOf(large.worker), memory: large.memory })
    this.#inTurn(() => large.slot.replace()).catch((error) => {
      if (this.#state === 'running') this.emit('reload-failed', error)
    })
  }

  // ---- the end --------------------------------------------------------------------------------

  async #stopNow(): Promise<void> {
    this.#state = 'stopping'
    this.#noteChange()
    this.emit('stopping')
    this.#balancer?.close()
    this.#sharing.beginStop(this.#app.keepsPorts)
    await Promise.all([this.#slots.close(), this.#canary.end()])
    await Promise.all([...this.#pool.living].map((worker) => worker.leave(this.#app.leaveTimeout)))
    this.#sharing.close()
    await this.#turns.done
    await setImmediate() // So that pending events are emitted.
    removeState(this.#folder)
    this.#end('stopped')
  }

  #end(how: 'stopped' | 'released'): void {
    this.#state = 'stopped'
    for (const timer of this.#timers) clearInterval(timer)
    this.#hangs?.close()
    this.#pool.close()
    this.#changes.emit('change')
    this.emit(how)
  }

  #requireRunning(): void {
    if (this.#state === 'running') return
    const what = this.#state === 'stopping' ? 'is being stopped' : 'has been stopped'
    throw new SuperviseError('ERR_SUPERVISE_STOPPED', `app ${this.#app.name} ${what}`)
  }

  // ---- what is known outside ------------------------------------------------------------------

  #noteChange(): void {
    if (this.#state !== 'stopped') this.#save()
    this.#changes.emit('change')
  }

  /** Emits an event in a moment, so that the caller of `supervise()` hears what happens in `start()`. */
  async #tell(emit: () => void): Promise<void> {
    await setImmediate()
    emit()
  }

  #isSettled(): boolean {
    return (
      this.#state === 'running' &&
      this.#turns.count === 0 &&
      this.#slots.all.every(({ worker }) => worker?.state === 'ready')
    )
  }

  #save(): void {
    if (!this.#sharing.outlivesManager) return
    const workers = [...this.#pool.living].flatMap(savedOf)
    this.#writer.write({ version: this.#version, workers })
  }
}

function cannotRelease(why: string): SuperviseError {
  return new SuperviseError(
    'ERR_SUPERVISE_UNSUPPORTED',
    `the manager cannot leave its workers: ${why}`,
  )
}

/** How many processes an app should have. */
function workersOf({ threads, instances }: App): number {
  return threads ? 1 : instances
}
