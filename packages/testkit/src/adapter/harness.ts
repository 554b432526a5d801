import type { AddressInfo, Server } from 'node:net'

/**
 * What a framework's adapter gives to its contract. The types of @reuse/core are repeated here, by
 * their shape: core's own tests use this package, so it cannot depend on core.
 *
 * `Listener` is what the framework's users call `listen` on.
 */
export interface AdapterHarness<Listener> {
  /** A fixture that hands this harness to `runProgram`, and does nothing else. */
  program: URL
  /** Fixtures in CommonJS that listen where `process.argv[2]` says and answer with their pid. */
  commonJs: URL[]

  /**
   * Makes an application that answers every request with this text. With options the adapter
   * shares its port; without them it is the framework's own.
   */
  create(answer: string, options: ReuseOptions | null): Listener | Promise<Listener>
  /** Calls `listen` as most programs do: on a port and a host. */
  listen: Listen<Listener>
  /** Every other way to call it, by the name of its arguments. */
  forms: Record<string, Listen<Listener>>
  /** The ways in which `listen` reports its failure: each resolves to the error. */
  failures: Record<string, (listener: Listener, place: Place) => Promise<unknown>>

  serverOf(listener: Listener, returned: unknown): Server
  memberOf(listener: Listener, server: Server): Member | undefined
  close(listener: Listener, server: Server): Promise<unknown>

  peers(where: { port: number }): Promise<Peer[]>
  capabilities: Capabilities
}

export interface Place {
  port: number
  host: string
  backlog: number
  /** The path of a Unix socket, or of a pipe on Windows. */
  path: string
}

/** Calls the framework's `listen` and returns what that returns. */
export type Listen<Listener> = (
  listener: Listener,
  place: Place,
  callback: (...args: unknown[]) => void,
) => unknown

export interface ReuseOptions {
  exclusive?: boolean
}

export interface Member {
  address(): AddressInfo | null
  peers(): Promise<Peer[]>
  queue(): Queue
}

export interface Peer {
  pid: number | null
  self: boolean
  queue: Queue
}

export interface Queue {
  length: number
  limit: number
}

export interface Capabilities {
  connections: { exact: string }
  peers: boolean
  holders: boolean
}
