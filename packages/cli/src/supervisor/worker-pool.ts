import type { LogLine } from '../control/messages.js'
import type { SavedWorker } from '../state/file.js'
import { makeFolder } from '../state/folder.js'
import { AdoptedProcess } from './adopted-process.js'
import { LastLines } from './last-lines.js'
import type { Launch } from './launch.js'
import { OutputWatch } from './output-watch.js'
import type { Sharing } from './sharing/sharing.js'
import { Worker, type WorkerFacts } from './worker.js'
import { noOutput, type Output, removeOutputExcept, WorkerOutput } from './worker-output.js'
import { type Ending, FailedProcess, type WorkerProcess } from './worker-process.js'

/** How many lines of all workers are kept. */
const keptLines = 1000

/** What a pool reports about its workers. */
export interface WorkerPoolOwner {
  onReady(worker: Worker): void
  /** It is about to be asked to end. */
  onLeaving(): void
  /** It is no longer in the pool. */
  onEnded(worker: Worker, ending: Ending): void
  onLine(line: LogLine): void
}

/** All living processes of an app, including those that are leaving, and what they print. */
export class WorkerPool {
  readonly #app: string
  readonly #folder: string
  readonly #sharing: Sharing
  readonly #owner: WorkerPoolOwner
  readonly #workers = new Set<Worker>()
  readonly #lines = new LastLines<LogLine>(keptLines)
  readonly #output = new OutputWatch()
  #lastId = 0

  /**
   * @param app its name
   * @param folder of the app's state
   */
  constructor(app: string, folder: string, sharing: Sharing, owner: WorkerPoolOwner) {
    this.#app = app
    this.#folder = folder
    this.#sharing = sharing
    this.#owner = owner
  }

  get living(): ReadonlySet<Worker> {
    return this.#workers
  }

  /** Begins. @param saved the workers that an earlier manager has left */
  open(saved: readonly SavedWorker[]): void {
    this.#output.open(this.#folder)
    removeOutputExcept(this.#folder, new Set(saved.map(({ id }) => id)))
    this.#lastId = Math.max(0, ...saved.map(({ id }) => id))
  }

  /** Starts a worker. If that fails, returns a worker that ends immediately and says why. */
  start(facts: Omit<WorkerFacts, 'id'>, launch: Launch): Worker {
    const id = ++this.#lastId
    return this.#watch({ ...facts, id }, ...this.#startProcess(id, facts.slot, launch))
  }

  /** Takes over a worker that an earlier manager has started. */
  adopt(saved: SavedWorker): Worker {
    const worker = this.#watch(saved, new AdoptedProcess(saved), this.#followAgain(saved))
    if (saved.isReady) worker.setReady()
    if (saved.isLeaving === true) worker.setLeaving()
    return worker
  }

  /** What the workers have printed last, oldest first. */
  lastLines(count: number): LogLine[] {
    return this.#lines.get(count)
  }

  close(): void {
    this.#output.close()
  }

  /** Leaves the workers to another manager. */
  release(): void {
    for (const worker of this.#workers) worker.release()
    this.#workers.clear()
  }

  #startProcess(id: number, slot: number, launch: Launch): [WorkerProcess, Output] {
    let output: WorkerOutput | undefined
    try {
      makeFolder(this.#app) // A cleanup of /tmp may have removed it.
      output = this.#openOutput(id, slot, false)
      return [this.#sharing.startProcess(launch, output.descriptors), output]
    } catch (error) {
      // No descriptors or disk space left: there may be some when it is tried again.
      const message = error instanceof Error ? error.message : String(error)
      return [new FailedProcess(message), output ?? noOutput]
    }
  }

  /** Somebody may have removed the files. The worker still runs. */
  #followAgain({ id, slot }: SavedWorker): Output {
    try {
      return this.#openOutput(id, slot, true)
    } catch {
      return noOutput
    }
  }

  #openOutput(id: number, slot: number, isAdopted: boolean): WorkerOutput {
    return new WorkerOutput(this.#folder, id, isAdopted, this.#output, (stream, text) => {
      const line = { worker: slot, stream, text }
      this.#lines.add(line)
      this.#owner.onLine(line)
    })
  }

  #watch(facts: WorkerFacts, process: WorkerProcess, output: Output): Worker {
    const worker = new Worker(facts, process, output, () => this.#owner.onLeaving())
    this.#workers.add(worker)
    worker.whenReady.then(() => this.#owner.onReady(worker))
    worker.whenEnded.then((ending) => {
      this.#workers.delete(worker)
      this.#owner.onEnded(worker, ending)
    })
    this.#sharing.onStart()
    return worker
  }
}
