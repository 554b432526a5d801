import { ByteReader, UnreadableBinary } from './byte-reader.js'
import { readElf } from './elf.js'
import type { BinaryFacts } from './facts.js'
import { readMachO } from './mach-o.js'
import { readPe } from './pe.js'

const formats = [
  // 64 bits, little-endian.
  { magic: Buffer.from('\x7fELF\x02\x01', 'latin1'), read: readElf },
  { magic: Buffer.from('MZ'), read: readPe },
  { magic: Buffer.from([0xcf, 0xfa, 0xed, 0xfe]), read: readMachO },
]

/** Reads what a binary says about itself, whatever its system. Throws {@link UnreadableBinary}. */
export function readBinary(bytes: Buffer): BinaryFacts {
  const format = formats.find(({ magic }) => bytes.subarray(0, magic.length).equals(magic))
  if (format === undefined) {
    const start = JSON.stringify(bytes.toString('latin1', 0, 16))
    throw new UnreadableBinary(`a file of ${bytes.length} bytes that begins with ${start}`)
  }
  return format.read(new ByteReader(bytes))
}
