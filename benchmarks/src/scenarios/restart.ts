/**
 * What a restart costs the clients: programs of a group restart under a storm of new connections,
 * with @reuse and with Node's own `reusePort`.
 */
import { formatFailures } from '../load/tally.js'
import { delayedNetwork } from '../network/delayed.js'
import { loopback } from '../network/loopback.js'
import type { Network } from '../network/network.js'
import { hasReusePort } from '../node-version.js'
import { printRestartResults, type RestartResult, restartResult } from '../restart/result.js'
import { restartStorm, type Side, type Storm } from '../restart/storm.js'
import { Skip } from '../skip.js'
import type { Settings } from './index.js'

const defaults = { rounds: 8, leaves: 15, rate: 2500 }

/** What a network adds to each way, in milliseconds. */
const delay = 5

/** How many clients keep their connections, beside the storm. */
const keepAliveClients = 100

export async function restart(settings: Settings): Promise<RestartResult[]> {
  return compare(loopback(), 0, settings)
}

/** The same, with a network between the clients and the servers: handshakes take their time. */
export async function restartDelayed(settings: Settings): Promise<RestartResult[]> {
  await using network = await delayedNetwork(delay)
  return await compare(network, 0, settings)
}

export async function restartKeepAlive(settings: Settings): Promise<RestartResult[]> {
  return compare(loopback(), keepAliveClients, settings)
}

export async function restartKeepAliveDelayed(settings: Settings): Promise<RestartResult[]> {
  await using network = await delayedNetwork(delay)
  return await compare(network, keepAliveClients, settings)
}

/** Takes the sides in turn, A B B A A B …, a fresh group each time. */
async function compare(
  network: Network,
  keepAliveClients: number,
  { node, ...given }: Settings,
): Promise<RestartResult[]> {
  if (!hasReusePort(node.version)) {
    throw new Skip(`Node ${node.version} has no reusePort; take another: --node 24`)
  }
  const { rounds, leaves, rate } = { ...defaults, ...given }
  const clients = keepAliveClients > 0 ? ` and ${keepAliveClients} keep-alive clients` : ''
  console.log(`\nrestarts under ${rate} connections/s${clients}, ${network.name}`)
  const storms: Record<Side, Storm[]> = { plain: [], reuse: [] }
  for (let round = 0; round < rounds; round++) {
    const sides = ['plain', 'reuse'] as const
    for (const side of round % 2 === 0 ? sides : sides.toReversed()) {
      const load = { rate, keepAliveClients }
      const storm = await restartStorm(side, { node: node.program, network, load, leaves })
      storms[side].push(storm)
      console.log(`  ${side}: ${describe(storm)}`)
    }
  }
  const results = [restartResult('plain', storms.plain), restartResult('reuse', storms.reuse)]
  printRestartResults(results)
  return results
}

function describe({ leaves, load }: Storm): string {
  const { newConnections, keepAlive, seconds } = load
  const parts = [
    `${leaves.length} leaves`,
    `${(newConnections.connections / seconds).toFixed(0)} connections/s`,
    `failed ${formatFailures(newConnections)}`,
  ]
  if (keepAlive.connections > 0) parts.push(`keep-alive failed ${formatFailures(keepAlive)}`)
  return parts.join(', ')
}
