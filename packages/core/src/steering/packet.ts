/**
 * What a filter reads from a packet. A load from beyond the packet's end would end the filter with 0,
 * which is the index of a member: so a filter reads only what is known to be there.
 */
import { absorb, beginHash } from './hash.js'
import {
  and,
  branch,
  equals,
  type Filter,
  type Instruction,
  isAtLeast,
  loadByte,
  loadHalf,
  loadHalfBehindX,
  loadHeaderLengthIntoX,
  loadImmediate,
  loadLength,
  loadMemoryIntoX,
  loadWord,
  store,
} from './instruction.js'

/** Bytes of a datagram, counted from the first one after the UDP header. */
export interface PayloadBytes {
  /** Where they begin. */
  offset: number
  /** 1 to 8. */
  length: number
}

// Offsets from 0 on read what comes after the TCP or UDP header. These here reach the IP header, and
// what the kernel itself knows: SKF_NET_OFF, SKF_AD_OFF and SKF_AD_... of linux/filter.h.
const ipHeader = -0x100000
const ancillary = { cpu: -0x1000 + 36, random: -0x1000 + 56 }

/** A = the number of the processor that handles the packet. */
export const loadCpu = (): Instruction => loadWord(ancillary.cpu)

/** A = 32 random bits. */
export const loadRandom = (): Instruction => loadWord(ancillary.random)

/** A dual-stack socket gets packets of both families: the packet says which it is. */
function branchOnFamily({ ipv4, ipv6 }: { ipv4: Filter; ipv6: Filter }): Filter {
  return [loadByte(ipHeader), and(0xf0), ...branch(equals(0x40), ipv4, ipv6)]
}

/** A = the source port; or 0 after IPv6 extension headers, which hide where the port is. */
export function loadSourcePort(): Filter {
  const fixed = [loadHalf(ipHeader + 40)]
  return branchOnFamily({
    // IPv4 options make the header longer; its first byte says how long it is.
    ipv4: [loadHeaderLengthIntoX(ipHeader), loadHalfBehindX(ipHeader)],
    ipv6: [
      loadByte(ipHeader + 6),
      ...branch(equals(6), fixed, branch(equals(17), fixed, [loadImmediate(0)])),
    ],
  })
}

/** Begins a hash with the source address. */
export function hashSourceAddress(): Filter {
  const wordsOfIPv6 = [0, 4, 8].flatMap((at) => [loadWord(ipHeader + 8 + at), ...absorb()])
  return [
    ...branchOnFamily({
      // An IPv4 address goes in like ::ffff:a.b.c.d, whose first words are always these.
      ipv4: [...beginHash(0, 0, 0xffff), loadWord(ipHeader + 12)],
      ipv6: [...beginHash(), ...wordsOfIPv6, loadWord(ipHeader + 20)],
    }),
    ...absorb(),
  ]
}

/** Where `hashFlow` keeps a word. */
const addressHash = 0

/** Begins a hash with the source address and port. */
export function hashFlow(): Filter {
  return [
    ...hashSourceAddress(),
    store(addressHash),
    ...loadSourcePort(),
    loadMemoryIntoX(addressHash),
    ...absorb(),
  ]
}

/** Begins a hash with the bytes; if a datagram is too short, with its source address and port. */
export function hashPayload({ offset, length }: PayloadBytes): Filter {
  const end = offset + length
  const [size, load] = length >= 4 ? [4, loadWord] : length >= 2 ? [2, loadHalf] : [1, loadByte]
  // Two loads that overlap take in any number of bytes.
  const starts = length === size ? [offset] : [offset, end - size]
  const bytes = starts.flatMap((at) => [load(at), ...absorb()])
  // Short ones cannot be left to the kernel's hash: it also picks seats of weight 0.
  return [
    loadLength(), // Counted from after the UDP header, as the offsets are.
    ...branch(isAtLeast(end), [...beginHash(), ...bytes], hashFlow()),
  ]
}
