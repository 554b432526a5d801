import { capabilities, type ReuseOptions } from '@reuse/core'
import { freePort } from '@reuse/testkit'
import { backlog } from '../apps/app.js'
import { samePlace, startMembers } from './members.js'
import type { RunningSide, Side, Start } from './side.js'

export const reuse: Side = {
  name: '@reuse',
  title: '@reuse',
  description: 'processes that share the port by the adapter of their framework',
  unavailable: () =>
    capabilities.connections.exact === 'balanced'
      ? null
      : 'this system does not spread the connections of a shared port; Linux does',
  start: (start) => startReuse(start, {}),
}

/** @param shared the options of the adapter */
export async function startReuse(start: Start, shared: ReuseOptions): Promise<RunningSide> {
  const where = { host: start.network.host, port: await freePort(), backlog }
  return await startMembers(start, samePlace(start, { where, shared }))
}
