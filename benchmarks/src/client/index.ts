import { keptByAutocannon, newByAutocannon } from './autocannon.js'
import type { Client } from './client.js'
import { compileClients } from './new-connections.js'
import { findWrk } from './wrk.js'

/** The lightest client at hand that keeps its connections, or makes a new one for each request. */
export const findClient = {
  kept: async (): Promise<Client> => findWrk() ?? keptByAutocannon,
  new: async (): Promise<Client> => (await compileClients()) ?? newByAutocannon,
}

export type Connections = keyof typeof findClient
