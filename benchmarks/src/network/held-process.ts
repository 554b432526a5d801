import { spawn } from 'node:child_process'
import { once } from 'node:events'

/**
 * A process that prints `ready` and then runs until its stdin closes: so it ends with this process,
 * however this one ends, and what it holds is released.
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
