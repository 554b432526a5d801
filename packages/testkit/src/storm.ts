import type { TestContext } from 'node:test'
import { startNode } from './fixture.js'

export interface StormOptions {
  port: number
  /** Default 127.0.0.1. */
  host?: string
  /** How many clients send at once. Default 32. */
  clients?: number
  /**
   * Default `false`: every request on its own connection, as fast as possible. `true`: each client
   * keeps its connection as long as it may, and is idle now and then.
   */
  keepAlive?: boolean
}

/** What became of the clients' requests. */
export interface StormReport {
  answered: number
  /** How many requests failed, by the error's code; `HTTP 503` and the like are failures too. */
  failed: Record<string, number>
}

/** Clients in a process of their own, which send requests until they are told to stop. */
export interface Storm {
  stop(): Promise<StormReport>
}

/** Starts a storm; resolves when it has its first answers. It ends with the test. */
export async function startStorm(
  t: Pick<TestContext, 'after'>,
  options: StormOptions,
): Promise<Storm> {
  const program = new URL('./storm-program.js', import.meta.url)
  const clients = startNode(t, program, { args: [JSON.stringify(options)] })
  await clients.hear('ready')
  return { stop: () => clients.ask<StormReport>('stop') }
}
