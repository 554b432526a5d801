import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * A process that says `ready` and then lasts until its stdin ends: so it ends with this one, however
 * this one ends, and what it holds goes with it.
 */
export class HeldProcess implements AsyncDisposable {
  readonly pid: number
  readonly #end: () => Promise<void>

  private constructor(pid: number, end: () => Promise<void>) {
    this.pid = pid
    this.#end = end
  }

  /** @returns `null` if it does not become ready */
  static async start([file = '', ...args]: readonly string[]): Promise<HeldProcess | null> {
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    const ended = new Promise<void>((resolve) => {
      child.once('error', () => resolve())
      child.once('exit', () => resolve())
    })
    const said = once(child.stdout, 'data').then(String)
    const ready = await Promise.race([said, ended])
    if (ready !== 'ready\n' || child.pid === undefined) return null
    return new HeldProcess(child.pid, async () => {
      child.stdin.end()
      await ended
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end()
  }
}
