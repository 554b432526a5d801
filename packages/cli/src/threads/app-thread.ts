import { inspect } from 'node:util'
import { BroadcastChannel, setEnvironmentData, Worker } from 'node:worker_threads'
import { type ThreadData, type ToThread, threadKey } from './messages.js'

/** How a thread ended. */
export interface ThreadEnd {
  code: number
  /** Why, in words: `it ended with exit code 1`. */
  reason: string
}

export interface AppThreadOptions {
  file: string
  args: readonly string[]
  waitReady: boolean
}

let count = 0

/**
 * One thread of an app, from its start to its end.
 *
 * - `starting`: it runs, and is not known to serve.
 * - `ready`: it serves.
 * - `leaving`: it was asked to end.
 * - `ended`
 */
export class AppThread {
  /** Resolves when it begins to run its script; never, if it ends before that. */
  readonly whenStarted: Promise<void>
  /** Resolves when it serves; never, if it ends before that. */
  readonly whenReady: Promise<void>
  readonly whenEnded: Promise<ThreadEnd>
  readonly #worker: Worker
  readonly #channel: BroadcastChannel
  readonly #createdAt = performance.now()
  #state: 'starting' | 'ready' | 'leaving' | 'ended' = 'starting'
  #becomeStarted = (): void => {}
  #becomeReady = (): void => {}
  #whyEnded: string | null = null
  #hears = false
  /** Set while it has not answered a ping. */
  #silence: NodeJS.Timeout | null = null

  constructor({ file, args, waitReady }: AppThreadOptions) {
    this.whenStarted = new Promise((resolve) => {
      this.#becomeStarted = resolve
    })
    this.whenReady = new Promise((resolve) => {
      this.#becomeReady = resolve
    })
    const channel = `${threadKey} ${++count}`
    this.#channel = new BroadcastChannel(channel)
    this.#channel.onmessage = ({ data }) => this.#receive(data)
    const data: ThreadData = { channel, waitReady }
    setEnvironmentData(threadKey, data)
    this.#worker = new Worker(file, { argv: [...args] })
    setEnvironmentData(threadKey)
    this.#worker.once('error', (error: unknown) => this.#onError(error))
    this.whenEnded = new Promise((resolve) => {
      this.#worker.once('exit', (code) => resolve(this.#end(code)))
    })
  }

  /** How long it has lived, in milliseconds. */
  get age(): number {
    return performance.now() - this.#createdAt
  }

  /** Makes it close its servers, finish its active requests and end. */
  leave(): void {
    if (this.#state === 'ended') return
    this.#state = 'leaving'
    // A thread that does not hear messages yet is told when it does.
    if (this.#hears) this.#send('leave')
  }

  /** Ends it if its event loop does not respond for this long, in milliseconds. */
  ping(patience: number): void {
    if (this.#state !== 'ready' || this.#silence !== null) return
    this.#send('ping')
    this.#silence = setTimeout(() => {
      this.#whyEnded = `it did not answer for ${patience / 1000} s, and was terminated`
      this.#worker.terminate()
    }, patience)
  }

  #send(message: ToThread): void {
    this.#channel.postMessage(message)
  }

  #receive(message: unknown): void {
    if (message === 'pong') this.#endSilence()
    if (message === 'started') {
      this.#hears = true
      this.#becomeStarted()
      if (this.#state === 'leaving') this.#send('leave')
    }
    if (message === 'ready' && this.#state === 'starting') {
      this.#state = 'ready'
      this.#becomeReady()
    }
  }

  /** Prints the error as Node prints one that nobody has caught. */
  #onError(error: unknown): void {
    this.#whyEnded = 'it threw an uncaught exception'
    process.stderr.write(`${inspect(error)}\n`)
  }

  #end(code: number): ThreadEnd {
    this.#state = 'ended'
    this.#endSilence()
    this.#channel.close()
    return { code, reason: this.#whyEnded ?? `it ended with exit code ${code}` }
  }

  #endSilence(): void {
    if (this.#silence !== null) clearTimeout(this.#silence)
    this.#silence = null
  }
}
