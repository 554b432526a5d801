/**
 * Classic BPF as the kernel's own interpreter runs it, but strict: what the kernel would silently
 * answer with 0 (a load from beyond the packet) is an error here, and so is everything that
 * its checker refuses. Written from linux/filter.h, without looking at the assembler.
 */
import type { Filter } from '../../src/steering/filter.js'
import type { Packet } from './packets.js'

export interface Machine {
  random?: number
  cpu?: number
}

const conditional = new Set([0x15, 0x35, 0x2d])
const straight = new Set([
  0x00, 0x20, 0x28, 0x30, 0x48, 0x60, 0x80, 0x01, 0x61, 0xb1, 0x02, 0x04, 0x24, 0x54, 0x74, 0x94,
  0xa4, 0xac, 0x07,
])
const returning = new Set([0x06, 0x16])
const memoryWords = 16

/** Throws for a filter that the kernel would refuse; bpf_check_classic() of net/core/filter.c. */
export function check(filter: Filter): void {
  if (filter.length === 0 || filter.length > 4096) throw new Error(`${filter.length} long`)
  const fail = (i: number, what: string) => {
    throw new Error(`instruction ${i}, ${JSON.stringify(filter[i])}: ${what}`)
  }
  // What is known to be set at each instruction: a bit for each word of memory, and two for A and X.
  const everything = 2 ** (memoryWords + 2) - 1
  const accumulator = 1 << memoryWords
  const index = accumulator << 1
  const known = filter.map((_, i) => (i === 0 ? 0 : everything))
  const reached = filter.map((_, i) => i === 0)

  for (const [i, { code, jt, jf, k }] of filter.entries()) {
    if (!Number.isInteger(k) || k < 0 || k > 0xffffffff) fail(i, 'k is no 32-bit number')
    if (![jt, jf].every((to) => Number.isInteger(to) && to >= 0 && to <= 255)) fail(i, 'no 8 bits')
    if (!reached[i]) fail(i, 'nothing leads here')
    const arrive = (to: number, set: number) => {
      if (to >= filter.length) fail(i, 'jumps out of the filter')
      known[to] = (known[to] ?? 0) & set
      reached[to] = true
    }
    const has = known[i] ?? 0
    const needs = (what: number) => {
      if ((has & what) !== what) fail(i, 'reads what was never set')
    }
    if (returning.has(code)) {
      if (code === 0x16) needs(accumulator)
      continue
    }
    if (code === 0x05) {
      arrive(i + 1 + k, has)
      continue
    }
    if (conditional.has(code)) {
      needs(code === 0x2d ? accumulator | index : accumulator)
      arrive(i + 1 + jt, has)
      arrive(i + 1 + jf, has)
      continue
    }
    if (!straight.has(code)) fail(i, 'unknown')
    if (jt !== 0 || jf !== 0) fail(i, 'is no jump')
    let set = has
    switch (code) {
      case 0x60:
      case 0x61:
        if (k >= memoryWords) fail(i, 'no such memory')
        needs(1 << k)
        set |= code === 0x60 ? accumulator : index
        break
      case 0x02:
        if (k >= memoryWords) fail(i, 'no such memory')
        needs(accumulator)
        set |= 1 << k
        break
      case 0x94:
        if (k === 0) fail(i, 'divides by 0')
        needs(accumulator)
        break
      case 0x74:
        if (k > 31) fail(i, 'shifts too far')
        needs(accumulator)
        break
      case 0x04:
      case 0x24:
      case 0x54:
      case 0xa4:
        needs(accumulator)
        break
      case 0xac:
        needs(accumulator | index)
        break
      case 0x48:
        needs(index)
        set |= accumulator
        break
      case 0x07:
        needs(accumulator)
        set |= index
        break
      case 0x01:
      case 0xb1:
        set |= index
        break
      default:
        set |= accumulator
    }
    arrive(i + 1, set)
  }
}

/** Runs a checked filter to its end; returns the value, and how many instructions it took. */
export function trace(
  filter: Filter,
  packet: Packet,
  machine: Machine = {},
): { value: number; steps: number } {
  const memory = new Uint32Array(memoryWords)
  let a = 0
  let x = 0
  let steps = 0
  for (let pc = 0; ; pc++) {
    const instruction = filter[pc]
    if (instruction === undefined) throw new Error('ran out of the filter')
    const { code, jt, jf, k } = instruction
    steps++
    switch (code) {
      case 0x06:
        return { value: k, steps }
      case 0x16:
        return { value: a, steps }
      case 0x00:
        a = k
        break
      case 0x20:
        a = load(packet, k, 4, machine)
        break
      case 0x28:
        a = load(packet, k, 2, machine)
        break
      case 0x30:
        a = load(packet, k, 1, machine)
        break
      case 0x48:
        a = load(packet, (x + k) >>> 0, 2, {})
        break
      case 0x60:
        a = memory[k] ?? 0
        break
      case 0x80:
        a = packet.bytes.length - packet.payload
        break
      case 0x01:
        x = k
        break
      case 0x61:
        x = memory[k] ?? 0
        break
      case 0xb1:
        x = 4 * (load(packet, k, 1, {}) & 0xf)
        break
      case 0x02:
        memory[k] = a
        break
      case 0x04:
        a = (a + k) >>> 0
        break
      case 0x24:
        a = Math.imul(a, k) >>> 0
        break
      case 0x54:
        a = (a & k) >>> 0
        break
      case 0x74:
        a >>>= k
        break
      case 0x94:
        a %= k
        break
      case 0xa4:
        a = (a ^ k) >>> 0
        break
      case 0xac:
        a = (a ^ x) >>> 0
        break
      case 0x07:
        x = a
        break
      case 0x05:
        pc += k
        break
      case 0x15:
        pc += a === k ? jt : jf
        break
      case 0x35:
        pc += a >= k ? jt : jf
        break
      case 0x2d:
        pc += a > x ? jt : jf
        break
      default:
        throw new Error(`instruction ${pc}: unknown code ${code}`)
    }
  }
}

export function run(filter: Filter, packet: Packet, machine?: Machine): number {
  return trace(filter, packet, machine).value
}

/** Offsets are signed: the IP header begins at -0x100000, and what the kernel knows at -0x1000. */
function load({ bytes, payload }: Packet, k: number, size: number, machine: Machine): number {
  const offset = k | 0
  if (offset === -0x1000 + 56 && machine.random !== undefined) return machine.random
  if (offset === -0x1000 + 36 && machine.cpu !== undefined) return machine.cpu
  const start = offset >= 0 ? payload + offset : offset + 0x100000
  if ((offset < 0 && offset >= -0x1000) || start < 0 || start + size > bytes.length) {
    throw new Error(`a load of ${size} at ${offset}, which is not in the packet`)
  }
  let value = 0
  for (let i = 0; i < size; i++) value = value * 256 + (bytes[start + i] ?? 0)
  return value
}
