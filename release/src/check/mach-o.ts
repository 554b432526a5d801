import { type ByteReader, UnreadableBinary } from './byte-reader.js'
import type { MachOFacts } from './facts.js'
import { checkSignature } from './mach-o-signature.js'

const machines: Record<number, string> = { 16777223: 'x64', 16777228: 'arm64' }

// Names and numbers as in mach-o/loader.h and mach-o/nlist.h.
const MH_EXECUTE = 2
const MH_DYLIB = 6
const MH_BUNDLE = 8
const LC_SYMTAB = 0x2
const LC_LOAD_DYLIB = 0xc
const LC_SEGMENT_64 = 0x19
const LC_CODE_SIGNATURE = 0x1d
const LC_VERSION_MIN_MACOSX = 0x24
const LC_BUILD_VERSION = 0x32
const LC_LOAD_WEAK_DYLIB = 0x80000018
const LC_REEXPORT_DYLIB = 0x8000001f
const N_STAB = 0xe0
const N_PEXT = 0x10
const N_TYPE = 0x0e
const N_EXT = 0x01

const types: Record<number, MachOFacts['type']> = {
  [MH_EXECUTE]: 'program',
  [MH_DYLIB]: 'library',
  [MH_BUNDLE]: 'library',
}

/** Reads a 64-bit little-endian Mach-O file. */
export function readMachO(file: ByteReader): MachOFacts {
  const machine = file.u32(4)
  const facts: MachOFacts = {
    format: 'Mach-O',
    machine: machines[machine] ?? `machine 0x${machine.toString(16)}`,
    type: types[file.u32(12)] ?? 'other',
    libraries: [],
    exports: [],
    imports: [],
    minimumMacOS: null,
    signature: 'none',
    stringTableOffset: 0,
  }
  let command = 32
  for (let left = file.u32(16); left > 0; left--) {
    readCommand(file, command, facts)
    const size = file.u32(command + 4)
    if (size < 8) throw new UnreadableBinary('a Mach-O file with a command of no size')
    command += size
  }
  return facts
}

function readCommand(file: ByteReader, command: number, facts: MachOFacts): void {
  switch (file.u32(command)) {
    case LC_SEGMENT_64:
      file.slice(file.u64(command + 40), file.u64(command + 48))
      break
    case LC_LOAD_DYLIB:
    case LC_LOAD_WEAK_DYLIB:
    case LC_REEXPORT_DYLIB:
      facts.libraries.push(file.text(command + file.u32(command + 8)))
      break
    case LC_SYMTAB:
      readSymbols(file, command, facts)
      break
    case LC_BUILD_VERSION:
      facts.minimumMacOS = version(file.u32(command + 12))
      break
    case LC_VERSION_MIN_MACOSX:
      facts.minimumMacOS = version(file.u32(command + 8))
      break
    case LC_CODE_SIGNATURE:
      facts.signature = checkSignature(file, file.u32(command + 8)) ? 'valid' : 'broken'
      break
  }
}

function readSymbols(file: ByteReader, command: number, facts: MachOFacts): void {
  const [symbols = 0, count = 0, names = 0] = [8, 12, 16].map((field) => file.u32(command + field))
  facts.stringTableOffset = names
  for (let index = 0; index < count; index++) {
    const symbol = symbols + index * 16
    const type = file.u8(symbol + 4)
    if ((type & N_STAB) !== 0 || (type & N_PEXT) !== 0 || (type & N_EXT) === 0) continue
    const name = file.text(names + file.u32(symbol)).replace(/^_/, '')
    const list = (type & N_TYPE) === 0 ? facts.imports : facts.exports
    list.push(name)
  }
}

/** Versions are packed as xxxx.yy.zz; the last part is ignored. */
function version(packed: number): string {
  return `${packed >>> 16}.${(packed >>> 8) & 0xff}`
}
