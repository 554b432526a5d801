import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Skip } from '../skip.js'
import { HeldProcess } from './held-process.js'

const run = promisify(execFile)

/**
 * A private network namespace. It has no name: it lasts as long as the process in it that holds it,
 * so nothing can be left behind.
 */
export class Namespace implements AsyncDisposable {
  readonly #holder: HeldProcess

  private constructor(holder: HeldProcess) {
    this.#holder = holder
  }

  /** @throws Skip if this user or this system cannot have one */
  static async create(): Promise<Namespace> {
    const holder = await HeldProcess.start([
      ...['unshare', '--net'],
      ...['sh', '-c', 'echo ready && exec cat'],
    ])
    if (holder === null) throw new Skip('network namespaces need root on Linux')
    return new Namespace(holder)
  }

  /** The process id by which commands refer to the namespace. */
  get pid(): number {
    return this.#holder.pid
  }

  get path(): string {
    return `/proc/${this.pid}/ns/net`
  }

  /** The command that runs a command in this namespace. */
  command(command: readonly string[]): string[] {
    return ['nsenter', `--net=${this.path}`, ...command]
  }

  /** Runs a command in this namespace, given as one would type it. */
  async run(line: string): Promise<void> {
    const [program = '', ...args] = this.command(line.split(' '))
    await run(program, args)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#holder[Symbol.asyncDispose]()
  }
}
