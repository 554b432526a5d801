import type { Network } from '../network/network.js'
import { nodeCommand, Program } from '../program.js'
import type { Target } from './connection.js'
import type { Tally } from './tally.js'

export interface LoadSettings {
  /** New connections a second, with one request each. */
  rate: number
  /** Clients beside them that keep their connections. */
  keepAliveClients: number
}

export interface LoadArguments extends LoadSettings {
  target: Target
}

export interface LoadReport {
  /** From its start until it was told to stop. */
  seconds: number
  newConnections: Tally
  keepAlive: Tally
  /** Connections that were not made because too many were in flight. */
  withheld: number
  /** How long each handshake took, in milliseconds. */
  connectTimes: number[]
  /** When which request failed, by Date.now(). Only the first, if there are many. */
  failures: { at: number; what: string }[]
}

/** A load on a port, made by a process of its own. */
export class Load {
  readonly #program: Program

  private constructor(program: Program) {
    this.#program = program
  }

  /** Comes back when the load runs at its rate. */
  static async start(
    node: string,
    network: Network,
    port: number,
    settings: LoadSettings,
  ): Promise<Load> {
    const target = { host: network.host, port, localAddresses: network.clientAddresses }
    const argument: LoadArguments = { ...settings, target }
    const program = new Program(
      network.clientCommand(nodeCommand(node, './load/generator.js', argument)),
    )
    await program.hear('steady')
    return new Load(program)
  }

  /** Lets what is in flight come to its end. */
  async stop(): Promise<LoadReport> {
    return this.#program.ask<LoadReport>('stop')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}
