/** Programs as bpf_asm of the kernel's tools writes them; jumps name the line they go to. */
import type { Filter } from '../../src/steering/filter.js'

const mnemonics = new Map([
  [0x00, 'ld #k'],
  [0x20, 'ld [k]'],
  [0x28, 'ldh [k]'],
  [0x30, 'ldb [k]'],
  [0x48, 'ldh [x + k]'],
  [0x60, 'ld M[k]'],
  [0x80, 'ld #len'],
  [0x01, 'ldx #k'],
  [0x61, 'ldx M[k]'],
  [0xb1, 'ldxb 4*([k]&0xf)'],
  [0x02, 'st M[k]'],
  [0x04, 'add #k'],
  [0x24, 'mul #k'],
  [0x54, 'and #k'],
  [0x74, 'rsh #k'],
  [0x94, 'mod #k'],
  [0xa4, 'xor #k'],
  [0xac, 'xor x'],
  [0x07, 'tax'],
  [0x06, 'ret #k'],
  [0x16, 'ret a'],
  [0x05, 'ja to'],
  [0x15, 'jeq #k'],
  [0x35, 'jge #k'],
  [0x2d, 'jgt x'],
])

export function list(filter: Filter): string[] {
  return filter.map(({ code, jt, jf, k }, i) => {
    const mnemonic = mnemonics.get(code) ?? `unknown ${code}`
    const operand = /[[ ]k\]/.test(mnemonic) && !mnemonic.includes('M') ? place(k) : number(k)
    const text = mnemonic.replace('k', operand).replace('to', String(i + 1 + k))
    return mnemonic.startsWith('j') && code !== 0x05
      ? `${text}, ${i + 1 + jt}, ${i + 1 + jf}`
      : text
  })
}

function number(k: number): string {
  return k < 256 ? String(k) : `0x${k.toString(16)}`
}

/** A place in the packet. */
function place(k: number): string {
  const offset = k | 0
  if (offset >= 0) return String(offset)
  if (offset === -0x1000 + 36) return 'cpu'
  if (offset === -0x1000 + 56) return 'random'
  return `ip + ${offset + 0x100000}`
}
