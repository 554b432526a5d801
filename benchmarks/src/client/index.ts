import { autocannonClient } from './autocannon.js'
import type { Client } from './client.js'
import { compileClient } from './compiled-client.js'
import { connectingClient } from './connecting-client.js'
import { findWrk } from './wrk.js'

/** The lightest available client that keeps its connections, or makes a new one for each request. */
export const findClient = {
  kept: async (): Promise<Client> => (await compileClient('kept')) ?? findWrk() ?? autocannonClient,
  new: async (): Promise<Client> => (await compileClient('new')) ?? connectingClient,
}

export type { Client }
export type Connections = keyof typeof findClient
