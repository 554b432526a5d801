/**
 * Assembles the filters that choose the member of a group for a packet: the classic BPF that
 * Linux runs for SO_ATTACH_REUSEPORT_CBPF (UDP 4.5, TCP 4.6). A filter returns the index of the
 * member in the group. It runs for a TCP client's SYN, and for every datagram.
 */
import { finishHash, hashOf } from './hash.js'
import {
  add,
  branch,
  copyToX,
  equals,
  type Filter,
  isAboveX,
  isAtLeast,
  loadImmediate,
  loadMemory,
  modulo,
  multiply,
  returnA,
  returnValue,
  store,
  xor,
} from './instruction.js'
import {
  hashFlow,
  hashPayload,
  hashSourceAddress,
  loadCpu,
  loadRandom,
  loadSourcePort,
  type PayloadBytes,
} from './packet.js'

export { encode, type Filter, type Instruction } from './instruction.js'
export type { PayloadBytes } from './packet.js'

/** A member that may be chosen. */
export interface Seat {
  /** Its place in the group: what the filter returns for it. */
  index: number
  /** Its share, relative to the others'; a seat of weight 0 is never chosen. */
  weight: number
  /** What stays the same for it while indexes change: 32 bits, different for each seat. */
  id: number
}

/**
 * How to choose.
 * - `random`: at random for each connection, in proportion to the weights.
 * - `flow`: by source address and port, in proportion to the weights. A flow of datagrams stays on
 *   its seat for as long as the seats and weights stay; when they change, most flows move.
 * - `source-address`: all of one address on one seat, with equal shares for all seats. When a seat comes
 *   or goes, only the addresses that it gets or had move.
 * - `cpu`: by the number of the processor that handles the packet, with equal shares for all seats.
 * - `payload`: like `source-address`, by 1–8 bytes of the datagram in place of the address. Datagrams
 *   that are too short are assigned by source address and port in the same way.
 */
export type Choice = 'random' | 'flow' | 'source-address' | 'cpu' | { payload: PayloadBytes }

export interface ChooseOptions {
  choice: Choice
  protocol: 'tcp' | 'udp'
  seats: readonly Seat[]
}

/** What a filter returns to leave the choice to the kernel's own hash: no group is that large. */
export const kernelHash = 0xffffffff

/** Every packet to one member. */
export function constantFilter(index: number): Filter {
  return [returnValue(index)]
}

/** A packet from one source port to one member; all else as `otherwise` says. */
export function probeFilter(options: {
  sourcePort: number
  index: number
  otherwise: Filter
}): Filter {
  const { sourcePort, index, otherwise } = options
  return [...loadSourcePort(), ...branch(equals(sourcePort), constantFilter(index)), ...otherwise]
}

/**
 * @throws RangeError if no seat has a weight above 0, or no datagram has these payload bytes
 * @throws TypeError for payload bytes with TCP, because a SYN has none
 */
export function chooseFilter({ choice, protocol, seats }: ChooseOptions): Filter {
  if (typeof choice === 'object') checkPayload(choice.payload, protocol)
  // The same group gives the same filter, in whatever order its members were found.
  const taken = seats.filter(({ weight }) => weight > 0).sort((a, b) => a.index - b.index)
  const [first] = taken
  if (first === undefined) throw new RangeError('no seat has a weight above 0')
  if (taken.length === 1) return constantFilter(first.index)

  switch (choice) {
    case 'random':
      return [loadRandom(), ...returnByWeight(taken)]
    case 'flow':
      return [...hashFlow(), ...finishHash(), ...returnByWeight(taken)]
    case 'source-address':
      return [...hashSourceAddress(), ...finishHash(), ...returnHighestScore(taken)]
    case 'cpu':
      return [loadCpu(), ...returnByNumber(taken)]
    default:
      return [...hashPayload(choice.payload), ...finishHash(), ...returnHighestScore(taken)]
  }
}

function checkPayload({ offset, length }: PayloadBytes, protocol: 'tcp' | 'udp'): void {
  if (protocol !== 'udp') throw new TypeError('steering by payload is for UDP only')
  if (!Number.isInteger(length) || length < 1 || length > 8) {
    throw new RangeError(`1 to 8 bytes of the payload can be used, not ${length}`)
  }
  if (!Number.isInteger(offset) || offset < 0 || offset + length > largestPayload) {
    throw new RangeError(`no datagram has ${length} bytes at ${offset}`)
  }
}

/** For UDP over IPv6: what a 16-bit length leaves after the UDP header. */
const largestPayload = 65_527

/** Returns the seat that the 32 evenly distributed bits in A fall to. */
function returnByWeight(seats: readonly Seat[]): Filter {
  const alike = seats.every(({ weight }) => weight === seats[0]?.weight)
  if (alike && gapOf(seats) !== undefined) return returnByNumber(seats)

  // The weights are divided by the largest first, so that no sum overflows.
  const largest = Math.max(...seats.map(({ weight }) => weight))
  const total = seats.reduce((sum, { weight }) => sum + weight / largest, 0)
  let before = 0
  const ranges = seats.map(({ index, weight }) => {
    const from = Math.round((before / total) * 2 ** 32)
    before += weight / largest
    return { index, from }
  })
  // A seat with a weight below 2 ** -32 of the total may have an empty range.
  return returnRange(ranges.filter(({ from }, i) => from < (ranges[i + 1]?.from ?? 2 ** 32)))
}

/** Returns the seat whose number is A modulo the count of seats. */
function returnByNumber(seats: readonly Seat[]): Filter {
  const number = modulo(seats.length)
  const gap = gapOf(seats)
  if (gap === seats.length) return [number, returnA()]
  if (gap !== undefined) return [number, ...branch(isAtLeast(gap), [add(1)]), returnA()]
  return [number, ...returnRange(seats.map(({ index }, from) => ({ index, from })))]
}

/**
 * The one index that is missing in 0, 1, 2, ... (or the next, if none is), as in a group that one
 * member is leaving; undefined if more are missing.
 */
function gapOf(seats: readonly Seat[]): number | undefined {
  const missing = seats.findIndex(({ index }, number) => index !== number)
  const gap = missing === -1 ? seats.length : missing
  const only = seats.every(({ index }, number) => index === (number < gap ? number : number + 1))
  return only ? gap : undefined
}

interface Range {
  index: number
  /** The first number in the range; the range ends where the next one begins. */
  from: number
}

/** Returns the index of the range that A is in: a balanced tree, so eight jumps for 256 ranges. */
function returnRange(ranges: readonly Range[]): Filter {
  const middle = ranges[ranges.length >> 1]
  if (middle === undefined || ranges.length === 1) {
    return constantFilter(middle?.index ?? kernelHash)
  }
  const upper = ranges.slice(ranges.length >> 1)
  const lower = ranges.slice(0, ranges.length >> 1)
  return branch(isAtLeast(middle.from), returnRange(upper), returnRange(lower))
}

/** Words of memory. */
const memory = { hash: 0, winner: 1 }

/**
 * Returns the seat that the hash in A scores highest with: rendezvous hashing. A seat's score does
 * not depend on the others, so when one goes, the rest keep what they had.
 */
function returnHighestScore(seats: readonly Seat[]): Filter {
  const contest = seats.flatMap(({ index, id }, number) => {
    const win = [copyToX(), loadImmediate(index), store(memory.winner)]
    return [...score(id), ...(number === 0 ? win : branch(isAboveX(), win))]
  })
  return [store(memory.hash), ...contest, loadMemory(memory.winner), returnA()]
}

/**
 * A = the score of the hash in memory for a seat. Ids may be small and consecutive, so they are hashed.
 * A different multiplier for each seat makes the scores independent: with one for all, the shares of
 * sixteen seats were observed to be off by 5 %.
 */
function score(id: number): Filter {
  return [loadMemory(memory.hash), xor(hashOf(id)), multiply(hashOf(id, 1) | 1)]
}
