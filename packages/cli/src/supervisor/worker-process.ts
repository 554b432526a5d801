import { type ChildProcess, spawn } from 'node:child_process'
import { identify, type ProcessIdentity } from '../state/process-identity.js'
import type { ToHost } from './host-messages.js'
import type { Launch, Readiness } from './launch.js'

/** How a process ended; `code` and `signal` are both `null` if that could not be found out. */
export interface Ending {
  code: number | null
  signal: NodeJS.Signals | null
  /** Why it could not even be started. */
  failure?: string
}

/** The process of a worker: a child of this one, or of a manager that is gone. */
export interface WorkerProcess {
  /** `null` if it could not be started. */
  readonly identity: ProcessIdentity | null
  readonly ended: Promise<Ending>
  readonly readiness: Readiness
  /** Whether processes that it leaves behind when it ends should live on. */
  readonly keepsGroup: boolean
  /** When its program began, in the time of `performance.now()`; `null` before that. */
  readonly startedAt: number | null
  /** Resolves when it has said that it is ready; `null` if it has no channel to do so. */
  readonly saidReady: Promise<void> | null
  /** How often one of its threads was started again; `null` if it has none, or no channel to report it. */
  readonly threadRestarts: number | null
  /** Tells a host of threads that it counts as ready, if it has not said so itself. */
  tellReady(): void
  /** Asks it to end: its program gets SIGTERM. */
  askToLeave(): void
  /** Sends it a signal that it handles itself. */
  signal(signal: NodeJS.Signals): void
  /** This process no longer waits for its end. */
  release(): void
  /** Kills it and all processes that it has started, as far as they are in its process group. */
  killGroup(): void
}

/** A worker that this process has started. */
export class ChildWorkerProcess implements WorkerProcess {
  readonly identity: ProcessIdentity | null
  readonly ended: Promise<Ending>
  readonly readiness: Readiness
  readonly keepsGroup: boolean
  readonly saidReady: Promise<void> | null
  readonly #child: ChildProcess
  #startedAt: number | null
  #threadRestarts: number | null
  #hasEnded = false

  /**
   * @param outputs the descriptors of its standard output and error
   */
  constructor(launch: Launch, outputs: readonly [number, number]) {
    const { file, nodeArgs, args, argv0, env, cwd, readiness, isHost } = launch
    const hasChannel = readiness !== 'membership'
    this.readiness = readiness
    this.keepsGroup = launch.keepsGroup
    this.#threadRestarts = isHost ? 0 : null
    this.#startedAt = readiness === 'threads' ? null : performance.now()
    // In a session of its own: a Ctrl-C in a terminal is for the manager, which stops the workers.
    this.#child = spawn(file, [...nodeArgs, ...args], {
      ...{ cwd, detached: true, env: { ...process.env, ...env } },
      ...(argv0 === undefined ? {} : { argv0 }),
      stdio: ['ignore', ...outputs, ...(hasChannel ? (['ipc'] as const) : [])],
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve(this.#end({ code, signal })))
      this.#child.on('error', ({ message }) => {
        // It is also emitted if a signal could not be sent.
        if (this.identity === null) {
          resolve(this.#end({ code: null, signal: null, failure: message }))
        }
      })
    })
    this.saidReady = hasChannel
      ? new Promise((resolve) => {
          this.#child.on('message', (message: unknown) => {
            if (message === 'started') this.#startedAt ??= performance.now()
            if (message === 'ready') resolve()
            if (message === 'restarted' && this.#threadRestarts !== null) this.#threadRestarts++
          })
        })
      : null
    const { pid } = this.#child
    // A process that has ended already is a zombie until its 'exit' is emitted, and keeps its pid.
    this.identity = pid === undefined ? null : (identify(pid) ?? { pid, startTime: 0 })
    if (!this.keepsGroup) this.ended.then(() => this.#killLeftovers())
  }

  get startedAt(): number | null {
    return this.#startedAt
  }

  get threadRestarts(): number | null {
    return this.#threadRestarts
  }

  tellReady(): void {
    if (this.readiness !== 'threads' || !this.#child.connected) return
    this.#child.send('ready' satisfies ToHost, () => {}) // It may be ending right now.
  }

  askToLeave(): void {
    this.signal('SIGTERM')
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#child.kill(signal)
  }

  release(): void {
    this.#child.unref()
    this.#child.channel?.unref()
  }

  killGroup(): void {
    if (!this.#hasEnded && this.identity !== null) signalGroup(this.identity.pid)
  }

  #end(ending: Ending): Ending {
    this.#hasEnded = true
    return ending
  }

  /** Processes that it has left behind would be nobody's. As long as there are any, the pid is in use. */
  #killLeftovers(): void {
    if (this.identity !== null) signalGroup(this.identity.pid)
  }
}

/** A worker for which not even the start of a process could be tried. */
export class FailedProcess implements WorkerProcess {
  readonly identity = null
  readonly readiness = 'membership'
  readonly keepsGroup = false
  readonly startedAt = null
  readonly saidReady = null
  readonly threadRestarts = null
  readonly ended: Promise<Ending>

  constructor(failure: string) {
    this.ended = Promise.resolve({ code: null, signal: null, failure })
  }

  tellReady(): void {}

  askToLeave(): void {}

  signal(): void {}

  release(): void {}

  killGroup(): void {}
}

/** Kills the process group that a process leads. */
export function signalGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended.
  }
}
