import { fewAddresses } from '../network/client-address.js'
import type { Network } from '../network/network.js'
import { nodeCommand, Program } from '../program.js'
import type { Target } from './connection.js'
import type { Entry } from './journal.js'
import type { Tally } from './tally.js'

export interface LoadSettings {
  /** New connections a second, with one request each. */
  rate: number
  /** Clients beside them that keep their connections. */
  keepAliveClients?: number
  /** How many addresses the clients have. */
  addresses?: number
  /** After so many new connections the load ends by itself. */
  connections?: number
  /** Whether it tells of every new connection what became of it. */
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
  /** From its start until it was told to stop. */
  seconds: number
  newConnections: Tally
  keepAlive: Tally
  /** Connections that were not made because too many were in flight. */
  withheld: number
  /** How long each handshake took, in milliseconds. */
  connectTimes: number[]
  /**
   * Of each new connection with its request, in the order in which they were due: how long after
   * that it was answered, in milliseconds, or `null` if it was not. Those that a slow server kept
   * from being made in time are late as well, as they are to their clients.
   */
  latencies: (number | null)[]
  /** When which request failed, by Date.now(). Only the first, if there are many. */
  failures: { at: number; what: string }[]
  /** Of every new connection, where that is wanted. */
  journal: Entry[]
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
    await program.hear('steady')
    return new Load(program)
  }

  /** How many connections have waited for so many milliseconds; only with a journal. */
  async waiting(milliseconds: number): Promise<number> {
    return this.#program.ask<number>('waiting', milliseconds)
  }

  /** Lets what is in flight come to its end. */
  async stop(): Promise<LoadReport> {
    return this.#program.ask<LoadReport>('stop')
  }

  /** Waits for the end that comes by itself. */
  async end(): Promise<LoadReport> {
    return this.#program.hear<LoadReport>('stop')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]()
  }
}
