import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import Type from 'typebox'
import Value from 'typebox/value'
import { endWithThis } from './ending.js'
import type { Network } from './network/network.js'
import type { NodeVersion } from './node-version.js'
import { versionOf } from './versions.js'

const run = promisify(execFile)
const program = createRequire(import.meta.url).resolve('pm2/bin/pm2')

/** How long the processes may take until they listen, in milliseconds. */
const patience = 30_000

const Processes = Type.Array(Type.Object({ pid: Type.Integer() }))

/** A PM2 with its own home, and so with its own daemon: no other daemon is affected. */
export class Pm2Daemon implements AsyncDisposable {
  readonly versions = { pm2: versionOf('pm2') }
  readonly #home: string
  readonly #node: NodeVersion
  readonly #network: Network

  private constructor(home: string, node: NodeVersion, network: Network) {
    this.#home = home
    this.#node = node
    this.#network = network
  }

  /** The daemon itself starts with the first command. */
  static async start(node: NodeVersion, network: Network): Promise<Pm2Daemon> {
    const home = await mkdtemp(path.join(os.tmpdir(), 'reuse-bench-pm2-'))
    // The daemon is made to outlive the program that starts it.
    return endWithThis(new Pm2Daemon(home, node, network))
  }

  /** Runs a command, and returns what it prints. */
  async run(...args: string[]): Promise<string> {
    const { program: node } = this.#node
    const [file = '', ...rest] = this.#network.serverCommand([node, program, ...args])
    // The daemon is run by the Node that the PATH names.
    const PATH = `${path.dirname(node)}${path.delimiter}${process.env.PATH}`
    const env = { ...process.env, PATH, PM2_HOME: this.#home }
    const { stdout } = await run(file, rest, { env })
    return stdout
  }

  /**
   * Starts this many processes of a program, and resolves when all of them have said `ready`.
   *
   * @param options further options of `pm2 start`
   */
  async startProgram(
    file: string,
    instances: number,
    argument: unknown,
    options: readonly string[] = [],
  ): Promise<void> {
    // Without these options, the command returns whether the processes listen or not.
    const wait = ['--wait-ready', '--listen-timeout', String(patience)]
    const count = ['--instances', String(instances)]
    await this.run('start', file, ...count, ...wait, ...options, '--', JSON.stringify(argument))
  }

  async workers(): Promise<number[]> {
    const processes = Value.Parse(Processes, JSON.parse(await this.run('jlist')))
    return processes.map(({ pid }) => pid)
  }

  /** The daemon's process id. */
  async pid(): Promise<number> {
    return Number(await readFile(path.join(this.#home, 'pm2.pid'), 'utf8'))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.run('kill')
    } finally {
      await rm(this.#home, { recursive: true })
    }
  }
}
