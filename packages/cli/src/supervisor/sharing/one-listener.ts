import cluster from 'node:cluster'
import {
  holdListeners,
  type ListenerHold,
  primaryVariable,
  type WorkerListening,
} from '@reuse/core/group'
import { formatAddress } from '../../output/names.js'
import { SuperviseError } from '../../supervise-error.js'
import type { Launch } from '../launch.js'
import type { App } from '../options.js'
import type { WorkerProcess } from '../worker-process.js'
import { ClusterWorker } from './cluster-worker.js'
import { hasRunLong } from './run-time.js'
import type { Sharing, SharingOwner } from './sharing.js'

/** How often to check whether a worker has run long enough, in milliseconds. */
const interval = 100

/**
 * All workers accept from one listener, which this process opens when the first of them listens, and holds.
 * For macOS and Windows, which do not spread connections over the listeners of one port. Node's cluster
 * module hands the listener to the workers, under SCHED_NONE.
 */
export class OneListener implements Sharing {
  readonly outlivesManager = false
  readonly weighs = false
  readonly held: ReadonlyMap<number, number> = new Map()
  readonly #hold: ListenerHold
  #owner: SharingOwner = { workers: () => [], onHeld: () => {} }
  #timer: NodeJS.Timeout | null = null

  /** @throws SuperviseError `ERR_SUPERVISE_UNSUPPORTED` */
  constructor(app: App) {
    refuseOptions(app)
    prepareCluster()
    this.#hold = holdListeners(app.holdTimeout)
  }

  launch({ nodeArgs, file, args, env, cwd, leaveTimeout, waitReady }: App): Launch {
    // Relative to dist/bundle.
    const preload = new URL('./cluster/preload.js', import.meta.url).href
    return {
      file: process.execPath,
      nodeArgs: [...nodeArgs, '--import', preload],
      args: [file, ...args],
      env: {
        REUSE_QUIET: '1',
        ...env,
        REUSE_LEAVE_TIMEOUT: String(leaveTimeout),
        [primaryVariable]: String(process.pid),
      },
      ...{ cwd, keepsGroup: false, isHost: false, readiness: waitReady ? 'program' : 'membership' },
    }
  }

  open(owner: SharingOwner): void {
    this.#owner = owner
  }

  startProcess(launch: Launch, outputs: readonly [number, number]): WorkerProcess {
    const process = new ClusterWorker(launch, outputs, (listening) => {
      this.#hold.add(listening)
      this.#note(process, listening)
    })
    return process
  }

  onStart(): void {
    this.#timer ??= setInterval(() => this.#look(), interval)
  }

  onAdopted(): void {}

  queueOf(): null {
    return null
  }

  shareOf(): null {
    return null
  }

  balance(): void {}

  beginStop(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    // No client should wait for a worker that never comes.
    this.#hold.end()
  }

  close(): void {}

  #note({ identity }: WorkerProcess, listening: WorkerListening): void {
    for (const worker of this.#owner.workers()) {
      if (worker.pid !== identity?.pid) continue
      const place = formatPlace(listening)
      worker.groups = new Map([...worker.groups, [place, place]])
      if (worker.readiness !== 'program') worker.setReady()
    }
  }

  /** A program that listens on nothing is ready when it has run for a while. */
  #look(): void {
    const workers = [...this.#owner.workers()]
    if (workers.every(({ groups }) => groups.size === 0)) {
      for (const worker of workers) {
        if (worker.readiness !== 'program' && hasRunLong(worker)) worker.setReady()
      }
    }
    if (workers.some(({ state }) => state === 'starting') || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}

/** `127.0.0.1:3000`; `*:3000` for "any"; a path. */
function formatPlace({ address, port, addressType }: WorkerListening): string {
  if (addressType === -1) return String(address)
  const place = formatAddress({ address: address ?? '*', port })
  return String(addressType).startsWith('udp') ? `${place}/udp` : place
}

/** Refuses what needs Linux, rather than ignoring it. */
function refuseOptions(app: App): void {
  const refused = [
    [!app.isScript, 'a command', 'only a script for Node can be run here'],
    [app.threads, 'threads', 'workers are processes here'],
    [app.steering !== null, 'steering', 'the system chooses which worker accepts a connection'],
    [app.weight !== 1, 'weight', 'all workers accept from one listener'],
    [app.balance, 'balance', 'whichever worker is idle accepts'],
    [app.listeners.length > 0, 'a listener that is open already', 'the workers open the ports'],
    [app.hangTimeout !== null, 'hangTimeout', 'workers are not checked for hangs'],
    [app.maxMemory !== null, 'maxMemory', 'the memory of workers is not measured'],
  ] as const
  const first = refused.find(([isGiven]) => isGiven)
  if (first === undefined) return
  const [, what, why] = first
  throw unsupported(`app ${app.name}: ${what} needs Linux, and this is ${process.platform}: ${why}`)
}

/** Node's cluster module has only one configuration for the whole process. */
function prepareCluster(): void {
  if (!cluster.isPrimary) {
    throw unsupported(
      `outside Linux supervise() uses Node's cluster module, and process ${process.pid} is a worker of it: call it in the primary`,
    )
  }
  const isUsed = Object.keys(cluster.settings).length > 0
  if (isUsed && cluster.schedulingPolicy !== cluster.SCHED_NONE) {
    throw unsupported(
      `outside Linux supervise() uses Node's cluster module with SCHED_NONE, and this process uses it with SCHED_RR: set cluster.schedulingPolicy before the first fork`,
    )
  }
  cluster.schedulingPolicy = cluster.SCHED_NONE
}

function unsupported(message: string): SuperviseError {
  return new SuperviseError('ERR_SUPERVISE_UNSUPPORTED', message)
}
