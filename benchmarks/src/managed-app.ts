import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { freePort } from '@reuse/testkit'
import Type from 'typebox'
import Value from 'typebox/value'
import { endWithThis } from './ending.js'
import { ForeignProgram } from './foreign-program.js'
import type { Network } from './network/network.js'
import type { NodeVersion } from './node-version.js'
import { reuseCommand } from './reuse-command.js'

const run = promisify(execFile)

const Status = Type.Object({
  workers: Type.Array(
    Type.Object({ pid: Type.Union([Type.Integer(), Type.Null()]), state: Type.String() }),
  ),
})

export interface ManagedAppStart {
  node: NodeVersion
  network: Network
  members: number
  /** Options of `reuse run`, in addition to those that every app has. */
  options?: readonly string[]
  /** The server and its arguments, for a port; the server itself is unmodified. */
  programFor(port: number): readonly string[]
}

let count = 0

/** Several instances of an unmodified server, under `reuse run`. */
export class ManagedApp implements AsyncDisposable {
  readonly port: number
  readonly #start: ManagedAppStart
  readonly #name = `bench-${process.pid}-${count++}`
  #manager: ForeignProgram
  #isManagerKilled = false

  private constructor(port: number, start: ManagedAppStart) {
    this.port = port
    this.#start = start
    this.#manager = this.#startManager()
  }

  /** Resolves when all of its workers serve. */
  static async start(start: ManagedAppStart): Promise<ManagedApp> {
    const app = endWithThis(new ManagedApp(await freePort(), start))
    try {
      await app.untilServing([])
      return app
    } catch (error) {
      await app[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The manager's process id. */
  get pid(): number {
    return this.#manager.pid
  }

  /** The workers that serve. */
  async workers(): Promise<number[]> {
    const status = await this.#ask('status', '--json', this.#name)
    const { workers } = Value.Parse(Status, JSON.parse(status))
    const ready = workers.filter(({ state }) => state === 'ready')
    return ready.flatMap(({ pid }) => pid ?? [])
  }

  /** Resolves when as many workers serve as there should be, not counting those that are gone. */
  async untilServing(gone: readonly number[]): Promise<void> {
    await this.#manager.until(async () => {
      const workers = (await this.workers()).filter((pid) => !gone.includes(pid))
      if (workers.length < this.#start.members) throw new Error('not all of them serve')
    })
  }

  /** Replaces all workers, and resolves when the old ones have ended. */
  async reload(): Promise<void> {
    await this.#ask('reload', this.#name)
  }

  /** Kills the manager with SIGKILL. Its workers keep running. */
  async killManager(): Promise<void> {
    await this.#manager.kill()
    this.#isManagerKilled = true
  }

  /** Starts another manager, which takes over the workers. */
  restartManager(): void {
    this.#manager = this.#startManager()
    this.#isManagerKilled = false
  }

  #startManager(): ForeignProgram {
    const { node, network, members, options = [], programFor } = this.#start
    const all = ['--instances', String(members), '--name', this.#name, ...options]
    const words = ['run', ...all, '--', ...programFor(this.port)]
    return ForeignProgram.start(network.serverCommand(reuseCommand(node.program, words)))
  }

  async #ask(...words: string[]): Promise<string> {
    const [file = '', ...rest] = reuseCommand(this.#start.node.program, words)
    const { stdout } = await run(file, rest)
    return stdout
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#manager[Symbol.asyncDispose]()
    if (this.#isManagerKilled) await this.#ask('stop', this.#name)
  }
}
