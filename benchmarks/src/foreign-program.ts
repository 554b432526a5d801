import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { endWithThis } from './ending.js'

/** How long a program may take until it serves, in milliseconds. */
const patience = 10_000

/** A program that is not ours and does not report when it serves, such as nginx. */
export class ForeignProgram implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #closed: Promise<unknown>
  #complaint = ''

  private constructor([file = '', ...args]: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint += text
    })
    this.#closed = once(this.#child, 'close').catch((error: Error) => {
      this.#complaint += error.message
    })
  }

  /** Starts a program that ends with this one, unless this one is killed. */
  static start(command: readonly string[]): ForeignProgram {
    return endWithThis(new ForeignProgram(command))
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Repeats the attempt until it succeeds, which means that the program serves. */
  async until(attempt: () => Promise<unknown>): Promise<void> {
    const deadline = Date.now() + patience
    for (;;) {
      try {
        await attempt()
        return
      } catch (cause) {
        const ended = this.#child.exitCode !== null || this.#child.pid === undefined
        if (ended || Date.now() > deadline) {
          const command = this.#child.spawnargs.join(' ')
          throw new Error(`${command} does not serve\n${this.#complaint}`.trim(), { cause })
        }
      }
      await sleep(10)
    }
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#closed
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
    await this.#closed
  }
}
