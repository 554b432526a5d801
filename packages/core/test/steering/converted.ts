/**
 * How much option memory a filter takes. The kernel translates a filter into its newer
 * instructions first (bpf_convert_filter() of net/core/filter.c) and holds the result, not what it
 * was given, against net.core.optmem_max: this counts as the kernel does, and where kernels
 * differ it takes the longer.
 */
import type { Filter } from '../../src/steering/filter.js'

/** The default until Linux 6.7. */
export const optionMemory = 20_480

export function convertedSize(filter: Filter): number {
  const bytesBefore = 128 // struct bpf_prog, which is smaller in real kernels.
  const prologue = 7
  const length = filter.reduce((sum, instruction) => sum + converted(instruction), prologue)
  return bytesBefore + 8 * length
}

function converted({ code, jt, jf, k }: Filter[number]): number {
  const negative = (k | 0) < 0
  switch (code) {
    case 0x20:
    case 0x28:
    case 0x30:
      if ((k | 0) >= -0x1000 && negative) return 4 // A call.
      return negative ? 8 : 16 // A call; before it, where possible, a direct load.
    case 0x48:
      return 9
    case 0xb1:
      return 14
    case 0x06:
      return 2
    case 0x15:
    case 0x35:
    case 0x2d: {
      // Until Linux 4.13 only the test for equality could be inverted.
      const single = jf === 0 || (jt === 0 && code === 0x15)
      return (single ? 1 : 2) + (negative && code !== 0x2d ? 1 : 0)
    }
    default:
      return 1
  }
}
