import { randomInt } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { isWildcard } from './address.js'
import type { Group } from './group.js'
import { native } from './native.js'
import { listSockets } from './peers.js'
import type { Announcement } from './presence.js'
import { encode, type Program, probeProgram } from './steering/program.js'

/** How long a probe may take: it stays on this machine, where a handshake takes microseconds. */
const patience = 50

/** How long the other members may take to mark themselves. */
const markPatience = 200

/**
 * The segment sizes by which listeners are told apart: far above what a network card takes, so that
 * only loopback connections made in these few milliseconds have smaller segments, and below what
 * loopback takes by itself. They are further apart than the options of a segment are long.
 */
const marks = { first: 16_000, step: 48 }

/** The ports of this process' own probes: what comes from one of them is no client. */
export const probePorts = new Set<number>()

/**
 * Finds which member of a group has which index, which the kernel tells nobody. The members ask for
 * segments of unusual sizes, each its own; a program sends one probing connection to each index, and
 * what that connection is asked for tells whom it has met. Members see an empty connection, as from
 * a load balancer's health check.
 *
 * Call it under the group's lock: it replaces the group's program, with one that does `otherwise`
 * for everything but the probes.
 *
 * @param others the members to ask to mark themselves; without, only this one is found
 * @returns the inode of each index that is known
 */
export async function takeRoll(
  group: Group,
  size: number,
  otherwise: Program,
  others?: Announcement,
): Promise<Map<number, number>> {
  const roll = new Map<number, number>()
  const target = probeTarget(group)
  if (target === null) return roll

  const markOf = (position: number): number => marks.first + position * marks.step
  const inodes = new Map([[markOf(0), group.inode]])
  const answered = await others?.mark((position) => markOf(position + 1), markPatience)
  for (const [inode, mark] of answered ?? []) inodes.set(mark, inode)

  native.setOption(group.socket, 'TCP_MAXSEG', markOf(0))
  try {
    for (let index = 0; index < size && roll.size < inodes.size; index++) {
      const met = await probe(group, target, index, otherwise)
      // A connection tells the size less the options of each segment, such as timestamps.
      const mark = met && marks.first + Math.ceil((met - marks.first) / marks.step) * marks.step
      const inode = mark === null ? undefined : inodes.get(mark)
      if (inode !== undefined) roll.set(index, inode)
    }
    return roll
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
    probePorts.add(port)
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
