import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isWildcard } from './address.js'
import type { Group } from './group.js'
import { native } from './native.js'
import { listSockets } from './peers.js'
import { encode, type Program, probeProgram } from './steering/program.js'

/** How long a probe may take: it stays on this machine, where a handshake takes microseconds. */
const patience = 50

/**
 * Finds the index of a listener in its group, which the kernel tells nobody. For each index a
 * program sends one probing connection there; the listener asks for segments of an unusual size
 * meanwhile, and the one connection that is asked so has met it. The other members see an empty
 * connection, as from a load balancer's health check.
 *
 * Call it under the group's lock: it replaces the group's program, with one that does `otherwise`
 * for everything but the probes.
 *
 * @param likely an index to try first
 * @returns `null` if no probe met the listener
 */
export async function findPosition(
  group: Group,
  size: number,
  otherwise: Program,
  likely: number | null = null,
): Promise<number | null> {
  const target = probeTarget(group)
  if (target === null) return null
  const indexes = Array.from({ length: size }, (_, index) => index)
  if (likely !== null) indexes.sort((a, b) => Number(b === likely) - Number(a === likely))

  // Far above what a network card takes, so that only loopback connections that are made in these
  // few milliseconds have smaller segments; and below what loopback takes by itself.
  const mark = randomInt(20_000, 30_000)
  native.setOption(group.socket, 'TCP_MAXSEG', mark)
  try {
    for (const index of indexes) {
      const size = await probe(group, target, index, otherwise)
      // A connection tells the size less the options of each segment, such as timestamps.
      if (size !== null && size <= mark && size > mark - 40) return index
    }
    return null
  } finally {
    native.setOption(group.socket, 'TCP_MAXSEG', 0)
  }
}

/** Connects to one index and gives the segment size that the listener there asks for. */
async function probe(
  group: Group,
  target: string,
  index: number,
  otherwise: Program,
): Promise<number | null> {
  const probing = native.open('tcp', target.includes(':') ? 6 : 4)
  try {
    native.bind(probing, target, 0)
    const { port } = native.getAddress(probing)
    const program = probeProgram({ sourcePort: port, index, otherwise })
    native.attachFilter(group.socket, encode(program))
    native.connect(probing, target, group.place.port)
    const deadline = performance.now() + patience
    while (!native.isConnected(probing)) {
      if (performance.now() > deadline) return null // Its queue is full: it answers nobody.
      await delay(1)
    }
    return native.getOption(probing, 'TCP_MAXSEG')
  } finally {
    native.close(probing)
  }
}

/**
 * An address of this machine on which a connection meets the group, and no group of a more exact
 * address on the same port; `null` if there is none.
 */
function probeTarget({ place, protocol }: Group): string | null {
  if (!isWildcard(place.address)) return place.address
  const taken = new Set(listSockets(protocol, place.port).map(({ address }) => address))
  // All of 127.0.0.0/8 is this machine.
  const four = `127.${randomInt(1, 255)}.${randomInt(0, 255)}.${randomInt(1, 255)}`
  if (place.family === 4) return taken.has(four) ? null : four
  if (!taken.has('::1')) return '::1'
  return place.ipv6Only || taken.has('0.0.0.0') || taken.has(four) ? null : four
}
