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
  /** Of `reuse run`, beside those that every app has. */
  options?: readonly string[]
  /** The server and its arguments, for a port: it is not changed in any way. */
  programFor(port: number): readonly string[]
}

let count = 0

/** A server that nobody changed, several times, under `reuse run`. */
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

  /** Comes back when all of its workers serve. */
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

  /** Of the manager. */
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

  /** Comes back when there are as many workers as there should be, without those that are gone. */
  async untilServing(gone: readonly number[]): Promise<void> {
    await this.#manager.until(async () => {
      const workers = (await this.workers()).filter((pid) => !gone.includes(pid))
      if (workers.length < this.#start.members) throw new Error('not all of them serve')
    })
  }

  /** Replaces all workers, and comes back when the former ones have ended. */
  async reload(): Promise<void> {
    await this.#ask('reload', this.#name)
  }

  /** Kills the manager, by SIGKILL. Its workers go on. */
  async killManager(): Promise<void> {
    await this.#manager.kill()
    this.#isManagerKilled = true
  }

  /** Another manager takes the workers over. */
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
