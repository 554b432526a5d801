import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type ProgramState = 'stopped' | 'starting' | 'running' | 'stalled' | 'stopping'

/** How long a program may take to say that it is ready, and to close, in ms. */
const startPatience = 30_000
const stopPatience = 2_000

/** How long a program that was killed stays away, in ms. */
const absence = 1_000

const stallOnDemand = ['--import', new URL('./stall.js', import.meta.url).href]

interface Run {
  child: ChildProcess
  /** Resolves with how it ended: a signal, an exit code. */
  end: Promise<string>
}

/** One program that shares the port, in its own process. It can start again and again. */
export class Program {
  readonly name: string
  readonly #file: string
  readonly #port: number
  readonly #signal: AbortSignal
  #run: Run | null = null
  #state: ProgramState = 'stopped'
  #mishap: string | null = null

  /**
   * @param file takes the port as its argument, and sends `ready` when it listens
   * @param signal once it is aborted, the program does not start again
   */
  constructor(file: URL, port: number, signal: AbortSignal) {
    this.#file = fileURLToPath(file)
    this.name = path.basename(this.#file, '.js')
    this.#port = port
    this.#signal = signal
  }

  get state(): ProgramState {
    return this.#state
  }

  get pid(): number | null {
    return this.#run?.child.pid ?? null
  }

  /** How it ended, if nobody had asked it to. */
  get mishap(): string | null {
    return this.#mishap
  }

  /** Starts a stopped program and waits until it listens. */
  async start(): Promise<void> {
    if (this.#state !== 'stopped') throw new Error(`${this.name} is ${this.#state}`)
    this.#signal.throwIfAborted()
    this.#state = 'starting'
    this.#mishap = null
    const child = fork(this.#file, [String(this.#port)], {
      execArgv: stallOnDemand,
      env: { ...process.env, REUSE_QUIET: '1' }, // The table and the page say who shares.
    })
    const end = this.#watch(child)
    this.#run = { child, end }

    const tooEarly = end.then((how) => {
      throw new Error(`${this.name} ended before it was ready: ${how}`)
    })
    const tooLate = sleep(startPatience, null, { ref: false }).then(() => {
      throw new Error(`${this.name} was not ready in ${startPatience / 1000} s`)
    })
    try {
      await Promise.race([once(child, 'message'), tooEarly, tooLate])
    } catch (error) {
      await this.stop()
      throw error
    }
    if (this.#state === 'starting') this.#state = 'running'
  }

  /** Asks the program to close, and waits for its end. */
  async stop(): Promise<void> {
    if (this.#run === null) return
    const { child, end } = this.#run
    if (this.#state === 'stopping') {
      await end
      return
    }
    this.#state = 'stopping'
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), stopPatience)
    await end
    clearTimeout(timer)
  }

  /** Closes the program, and starts it again. */
  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Kills the program, and starts it again after a moment. */
  async kill(): Promise<void> {
    if (this.#run === null) return
    const { child, end } = this.#run
    child.kill('SIGKILL')
    await end
    await sleep(absence, null, { signal: this.#signal })
    if (this.#state === 'stopped') await this.start()
  }

  /** Blocks its event loop, and waits until it runs again. */
  async stall(): Promise<void> {
    if (this.#run === null || this.#state !== 'running') return
    const { child, end } = this.#run
    this.#state = 'stalled'
    child.send('stall')
    await Promise.race([once(child, 'message'), end])
    if (this.#state === 'stalled') this.#state = 'running'
  }

  async #watch(child: ChildProcess): Promise<string> {
    const how = await howItEnds(child)
    if (this.#state !== 'stopping') this.#mishap = how
    this.#state = 'stopped'
    this.#run = null
    return how
  }
}

function howItEnds(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve(signal ?? `exit code ${code}`)
    })
    child.once('error', (error) => resolve(error.message))
  })
}
