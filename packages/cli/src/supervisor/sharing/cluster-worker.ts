import cluster, { type Address, type Worker as NodeWorker } from 'node:cluster'
import type { WorkerListening } from '@reuse/core/group'
import { leaveMessage } from '../../cluster/messages.js'
import type { ProcessIdentity } from '../../state/process-identity.js'
import type { Launch, Readiness } from '../launch.js'
import type { Ending, WorkerProcess } from '../worker-process.js'

/** A worker of Node's cluster module. It ends with this process. */
export class ClusterWorker implements WorkerProcess {
  readonly identity: ProcessIdentity | null
  readonly ended: Promise<Ending>
  readonly readiness: Readiness
  readonly saidReady: Promise<void> | null
  readonly threadRestarts = null
  readonly keepsGroup = false
  readonly #worker: NodeWorker
  #startedAt: number | null = null
  #hasEnded = false

  /**
   * @param outputs the descriptors of its standard output and error
   * @param onListening called each time it listens, with where
   */
  constructor(
    { nodeArgs, args: [exec = '', ...args], env, cwd, readiness }: Launch,
    outputs: readonly [number, number],
    onListening: (listening: WorkerListening) => void,
  ) {
    this.readiness = readiness
    // These settings apply until the next call: each start has its own.
    cluster.setupPrimary({
      ...{ exec, args, execArgv: [...nodeArgs], cwd },
      ...{ stdio: ['ignore', ...outputs, 'ipc'], silent: false, serialization: 'json' },
    })
    this.#worker = cluster.fork(env)
    this.#worker.once('online', () => {
      this.#startedAt = performance.now()
    })
    this.#worker.on('listening', ({ address, port, addressType }: Address) => {
      onListening({ address: address ?? null, port, addressType })
    })
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (code: number | null, signal: string | null) =>
        resolve(this.#end({ code, signal: signal as NodeJS.Signals | null })),
      )
      this.#worker.on('error', ({ message }: Error) => {
        // It is also emitted if a message could not be sent.
        if (this.identity === null) {
          resolve(this.#end({ code: null, signal: null, failure: message }))
        }
      })
    })
    this.saidReady =
      readiness !== 'program'
        ? null
        : new Promise((resolve) => {
            this.#worker.on('message', (message: unknown) => {
              if (message === 'ready') resolve()
            })
          })
    const { pid } = this.#worker.process
    // Nobody takes it over, so no later process has to be told apart from it.
    this.identity = pid === undefined ? null : { pid, startTime: 0 }
  }

  get startedAt(): number | null {
    return this.#startedAt
  }

  tellReady(): void {}

  /** By a message, because Windows has no signals: the preload calls the program's handlers. */
  askToLeave(): void {
    if (this.#hasEnded) return
    if (this.#worker.isConnected()) this.#worker.send(leaveMessage, () => {})
    else this.#worker.process.kill('SIGTERM')
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.#hasEnded) this.#worker.process.kill(signal)
  }

  /** It ends with this process. */
  release(): void {}

  /** It leads no process group: processes that it has started are not killed. */
  killGroup(): void {
    if (!this.#hasEnded) this.#worker.process.kill('SIGKILL')
  }

  #end(ending: Ending): Ending {
    this.#hasEnded = true
    return ending
  }
}
