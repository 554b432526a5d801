import { fewAddresses } from '../network/client-address.js'
import type { Network } from '../network/network.js'
import { nodeCommand, Program } from '../program.js'
import type { Target } from './connection.js'
import type { Entry } from './journal.js'
import type { Tally } from './tally.js'

export interface LoadSettings {
  /** New connections a second, with one request each. */
  rate: number
  /** Further clients, which keep their connections. */
  keepAliveClients?: number
  /** How many addresses the clients have. */
  addresses?: number
  /** The load ends by itself after this many new connections. */
  connections?: number
  /** Whether to report what became of every new connection. */
  journal?: boolean
}

export interface LoadArguments {
  target: Target
  rate: number
  keepAliveClients: number
  connections: number | null
  journal: boolean
}

export interface LoadReport {
  newConnections: Tally
  keepAlive: Tally
  /** Connections that were not made because too many were in flight. */
  withheld: number
  /** How long each handshake took, in milliseconds. */
  connectTimes: number[]
  /**
   * For each new connection, in the order in which they were due: how long after that its request was
   * answered, in milliseconds, or `null` if it was not. A connection that a slow server kept from
   * being made in time is late as well, as it is for its client.
   */
  latencies: (number | null)[]
  /** One entry for every new connection, if this was requested. */
  journal: Entry[]
}

/** A load on a port, made by a separate process. */
export class Load {
  readonly #program: Program

  private constructor(program: Program) {
    this.#program = program
  }

  /** Resolves when the load runs at its rate, or has made all of its connections. */
  static async start(
    node: string,
    network: Network,
    port: number,
    {
      rate,
      keepAliveClients = 0,
      addresses = fewAddresses,
      connections,
      journal = false,
    }: LoadSettings,
  ): Promise<Load> {
    const clients = { network: network.clients, count: addresses }
    const target = { host: network.host, port, clients }
    const argument: LoadArguments = {
      target,
      rate,
      keepAliveClients,
      connections: connections ?? null,
      journal,
    }
    const program = new Program(
      network.clientCommand(nodeCommand(node, './load/generator.js', argument)),
    )
    try {
      await program.hear('steady')
      return new Load(program)
    } catch (error) {
      await program[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Returns how many connections have waited for longer than `milliseconds`; only with a journal. */
  async waiting(milliseconds: number): Promise<number> {
    return this.#program.ask<number>('waiting', milliseconds)
  }

  /** Stops the load when the requests in flight are complete. */
  async stop(): Promise<LoadReport> {
    return this.#program.ask<LoadReport>('stop')
  }

  /** Waits until the load ends by itself. */
  async end(): Promise<LoadReport> {
    return this.#program.hear<LoadReport>('stop')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}
