/**
 * Classic BPF: an accumulator A, an index register X, sixteen words of memory M, and jumps that
 * only go forward. The codes are those of linux/bpf_common.h and linux/filter.h.
 */

/** One instruction, `struct sock_filter` of linux/filter.h. */
export interface Instruction {
  code: number
  /** How many instructions a conditional jump skips where its test holds: 0–255. */
  jt: number
  /** The same where it does not hold. */
  jf: number
  k: number
}

export type Filter = readonly Instruction[]

const instruction =
  (code: number) =>
  (k = 0): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 })

export const loadImmediate = instruction(0x00) // A = k
export const loadWord = instruction(0x20) // A = 4 bytes of the packet at k
export const loadHalf = instruction(0x28) // A = 2 bytes of the packet at k
export const loadByte = instruction(0x30) // A = 1 byte of the packet at k
export const loadHalfBehindX = instruction(0x48) // A = 2 bytes of the packet at X + k
export const loadMemory = instruction(0x60) // A = M[k]
export const loadLength = instruction(0x80) // A = length of the packet
export const loadImmediateIntoX = instruction(0x01) // X = k
export const loadMemoryIntoX = instruction(0x61) // X = M[k]
export const loadHeaderLengthIntoX = instruction(0xb1) // X = 4 * (low nibble of the byte at k)
export const store = instruction(0x02) // M[k] = A
export const add = instruction(0x04)
export const multiply = instruction(0x24)
export const and = instruction(0x54)
export const shiftRight = instruction(0x74)
export const modulo = instruction(0x94)
export const xor = instruction(0xa4)
export const xorX = instruction(0xac) // A ^= X
export const copyToX = instruction(0x07) // X = A
export const returnValue = instruction(0x06) // return k
export const returnA = instruction(0x16) // return A

const jump = instruction(0x05)

// The tests that `branch` takes.
export const equals = instruction(0x15) // A == k
export const isAtLeast = instruction(0x35) // A >= k
export const isAboveX = instruction(0x2d) // A > X

const furthestConditionalJump = 255

/** Two branches: either both end in a return, or both continue at the instruction that follows. */
export function branch(test: Instruction, yes: Filter, no: Filter = []): Filter {
  if (no.length === 0 && yes.length <= furthestConditionalJump) {
    return [{ ...test, jf: yes.length }, ...yes]
  }
  const returns = no.at(-1)?.code === returnValue().code
  const body = returns ? no : [...no, jump(yes.length)]
  const head =
    body.length <= furthestConditionalJump
      ? [{ ...test, jt: body.length }]
      : [{ ...test, jf: 1 }, jump(body.length)]
  return [...head, ...body, ...yes]
}

/** The array of `struct sock_filter` that the kernel takes, in the byte order of this machine. */
export function encode(filter: Filter): Uint8Array {
  const buffer = new ArrayBuffer(filter.length * 8)
  const bytes = new Uint8Array(buffer)
  const halves = new Uint16Array(buffer)
  const words = new Uint32Array(buffer)
  filter.forEach(({ code, jt, jf, k }, i) => {
    halves[i * 4] = code
    bytes[i * 8 + 2] = jt
    bytes[i * 8 + 3] = jf
    words[i * 2 + 1] = k
  })
  return bytes
}
