import { attempt } from '../lib/attempt.js'
import { errorName, isSystemFailure } from '../lib/errors.js'
import { isWildcard } from '../socket/address.js'
import { native } from '../socket/native.js'
import { encode, type Filter, probeFilter } from '../steering/filter.js'
import type { Group } from './group.js'
import type { Order } from './order.js'

/** How long a probe may take, in milliseconds: within one machine a handshake takes microseconds. */
const patience = 5

/**
 * The segment sizes by which listeners are told apart: far above what a network card uses, so that
 * only loopback connections made in these few milliseconds have smaller segments, and below what
 * loopback uses by default. The sizes are further apart than the options of a segment are long.
 */
const marks = { first: 16_000, step: 48, count: 250 }

/**
 * Finds out which listener has which index, if nobody knows. Each listener is made to ask for segments
 * of an unusual size; a filter sends one connection to each index, and the size that this connection is
 * asked for tells which listener it has reached. If there are more listeners than sizes, each has a
 * number of several digits, and each digit takes a round. The process that serves the listener sees an
 * empty connection, as from a load balancer's health check.
 *
 * Call it under the group's lock: it replaces the group's filter with one that does `otherwise` for
 * everything but the probes.
 *
 * @param listeners descriptors of those that can be told apart, by inode
 * @param size how many sockets the group has
 */
export function probeOrder(
  group: Group,
  listeners: ReadonlyMap<number, number>,
  size: number,
  otherwise: Filter,
): Order {
  const unknown = Array.from({ length: size }, () => 0)
  const target = probeTarget(group)
  if (target === null) return unknown
  const inodes = [...listeners.keys()]
  // The number of each index's listener, built from its last digit on; NaN if a probe reached none.
  const numbers = unknown.map(() => 0)
  try {
    for (let scale = 1; scale <= inodes.length; scale *= marks.count) {
      inodes.forEach((inode, number) => {
        // A digit's mark is never 0: a listener without a mark is a stranger's.
        mark(
          listeners.get(inode),
          marks.first + (Math.floor(number / scale) % marks.count) * marks.step,
        )
      })
      for (let index = 0; index < size; index++) {
        if (Number.isNaN(numbers[index])) continue
        const met = probe(group, target, index, otherwise)
        const digit = met === null ? Number.NaN : Math.ceil((met - marks.first) / marks.step)
        const isDigit = digit >= 0 && digit < marks.count
        numbers[index] = isDigit ? (numbers[index] ?? 0) + digit * scale : Number.NaN
      }
    }
  } finally {
    for (const socket of listeners.values()) mark(socket, 0)
  }
  return numbers.map((number) => inodes[number] ?? 0)
}

/**
 * Whether new connections reach a socket of the group at all: they do not if another program has
 * attached a filter that passes it over. Tries enough connections to leave almost no doubt.
 */
export function isMet(group: Group, size: number): boolean {
  const target = probeTarget(group)
  if (target === null) return true // There is no way to find out.
  const marked = marks.first
  mark(group.socket, marked)
  try {
    for (let count = 0; count < Math.min(64, size * 8); count++) {
      const own = open(target)
      if (own === null) return true
      const met = sizeMet(own, group, target)
      if (met !== null && met <= marked && met > marked - marks.step) return true
    }
    return false
  } finally {
    mark(group.socket, 0)
  }
}

/**
 * Fills the queue of a listener that accepts no more: a client that comes to it now is not answered
 * and tries again, instead of being reset when the listener goes. Call it under the group's lock.
 *
 * @param index the listener's index, to which this function sends one connection
 * @param otherwise what the group's filter does with all other connections
 * @returns a function that ends that connection
 */
export function fillQueue(group: Group, index: number, otherwise: Filter): () => void {
  const target = probeTarget(group)
  const own = target === null ? null : open(target) // Before anything is changed: this can fail.
  native.listen(group.socket, 0)
  if (target === null || own === null) return () => {} // There is no way to reach it.
  try {
    send(own, group, target, index, otherwise)
  } catch (failure) {
    native.close(own)
    throw failure
  }
  return () => native.close(own)
}

function mark(socket: number | undefined, size: number): void {
  // A listener that has been closed meanwhile no longer has an index.
  if (socket !== undefined) attempt(() => native.setOption(socket, 'TCP_MAXSEG', size))
}

/** Connects to one index and returns the segment size that the listener there asks for. */
function probe(group: Group, target: string, index: number, otherwise: Filter): number | null {
  const own = open(target)
  if (own === null) return null
  try {
    const isMet = send(own, group, target, index, otherwise)
    return isMet ? native.getOption(own, 'TCP_MAXSEG') : null
  } finally {
    native.close(own)
  }
}

/** Connects and returns the segment size that the listener asks for; `null` if none answers. */
function sizeMet(own: number, group: Group, target: string): number | null {
  try {
    return connect(own, group, target) ? native.getOption(own, 'TCP_MAXSEG') : null
  } finally {
    native.close(own)
  }
}

/**
 * Opens a socket for a connection to the target; returns `null` if no port is left for it now, or the
 * target is not an address of this machine: `::1` is none where IPv6 is disabled on loopback.
 */
function open(target: string): number | null {
  const own = native.open('tcp', target.includes(':') ? 6 : 4)
  try {
    native.bind(own, sourceFor(target), 0)
    return own
  } catch (failure) {
    native.close(own)
    const code = isSystemFailure(failure) ? errorName(failure.errno) : undefined
    if (code === 'EADDRINUSE' || code === 'EADDRNOTAVAIL') return null
    throw failure
  }
}

/** Connects to the listener at an index; returns whether it has answered. */
function send(
  own: number,
  group: Group,
  target: string,
  index: number,
  otherwise: Filter,
): boolean {
  const sourcePort = native.getAddress(own).port
  native.attachFilter(group.socket, encode(probeFilter({ sourcePort, index, otherwise })))
  return connect(own, group, target)
}

function connect(own: number, { place }: Group, target: string): boolean {
  native.connect(own, target, place.port)
  const deadline = performance.now() + patience
  while (!native.isConnected(own)) {
    if (performance.now() > deadline) return false // Its queue is full: it answers nobody.
    native.waitReadable(own, 1)
  }
  return true
}

/** All of 127.0.0.0/8 is this machine: a random address has ports left when 127.0.0.1 has none. */
function sourceFor(target: string): string {
  return target.startsWith('127.') ? loopbackAtRandom() : target
}

function loopbackAtRandom(): string {
  const byte = (low: number): number => low + Math.floor(Math.random() * (255 - low))
  return `127.${byte(1)}.${byte(0)}.${byte(1)}`
}

/**
 * An address of this machine at which a connection reaches the group, and no group with a more specific
 * address on the same port; `null` if there is none.
 */
function probeTarget({ place, protocol }: Group): string | null {
  if (!isWildcard(place.address)) return place.address
  const taken = new Set(native.list(protocol, place.port).map(({ address }) => address))
  const four = loopbackAtRandom()
  if (place.family === 4) return taken.has(four) ? null : four
  // Preferred: a container without IPv6 lets `::` be bound, and has no `::1`.
  if (!place.ipv6Only && !taken.has('0.0.0.0') && !taken.has(four)) return four
  return taken.has('::1') ? null : '::1'
}
