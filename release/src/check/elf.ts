import type { ByteReader } from './byte-reader.js'
import type { ElfFacts } from './facts.js'

const machines: Record<number, string> = { 62: 'x64', 183: 'arm64' }

// Names and numbers as in elf.h.
const ET_EXEC = 2
const ET_DYN = 3
const PT_INTERP = 3
const SHT_NOBITS = 8
const SHT_DYNAMIC = 6
const SHT_DYNSYM = 11
const SHT_GNU_VERNEED = 0x6ffffffe
const DT_NEEDED = 1

const types: Record<number, ElfFacts['type']> = { [ET_EXEC]: 'program', [ET_DYN]: 'library' }

interface Section {
  type: number
  offset: number
  size: number
  /** Where its names are. */
  names: number
}

/** Reads a 64-bit little-endian ELF file; elf(5) shows the structures. */
export function readElf(file: ByteReader): ElfFacts {
  const machine = file.u16(18)
  const sections = readSections(file)
  const ofType = (type: number) => sections.filter((section) => section.type === type)
  const symbols = ofType(SHT_DYNSYM).flatMap((section) => readSymbols(file, section))
  return {
    format: 'ELF',
    machine: machines[machine] ?? `machine ${machine}`,
    type: types[file.u16(16)] ?? 'other',
    interpreter: readInterpreter(file),
    libraries: ofType(SHT_DYNAMIC).flatMap((section) => readLibraries(file, section)),
    exports: symbols.filter(({ defined }) => defined).map(({ name }) => name),
    imports: symbols.filter(({ defined }) => !defined).map(({ name }) => name),
    versions: ofType(SHT_GNU_VERNEED).flatMap((section) => readVersions(file, section)),
  }
}

function readInterpreter(file: ByteReader): string | null {
  const start = file.u64(32)
  const size = file.u16(54)
  const headers = Array.from({ length: file.u16(56) }, (_, index) => start + index * size)
  const header = headers.find((at) => file.u32(at) === PT_INTERP)
  return header === undefined ? null : file.text(file.u64(header + 8))
}

function readSections(file: ByteReader): Section[] {
  const start = file.u64(40)
  const size = file.u16(58)
  const at = (index: number) => start + index * size
  return Array.from({ length: file.u16(60) }, (_, index) => {
    const section = {
      type: file.u32(at(index) + 4),
      offset: file.u64(at(index) + 24),
      size: file.u64(at(index) + 32),
      names: file.u64(at(file.u32(at(index) + 40)) + 24),
    }
    if (section.type !== SHT_NOBITS) file.slice(section.offset, section.size)
    return section
  })
}

function readSymbols(file: ByteReader, { offset, size, names }: Section) {
  // The first symbol is empty, by definition.
  return Array.from({ length: size / 24 - 1 }, (_, index) => {
    const symbol = offset + (index + 1) * 24
    return { name: file.text(names + file.u32(symbol)), defined: file.u16(symbol + 6) !== 0 }
  })
}

function readLibraries(file: ByteReader, { offset, size, names }: Section): string[] {
  return Array.from({ length: size / 16 }, (_, index) => offset + index * 16)
    .filter((entry) => file.u64(entry) === DT_NEEDED)
    .map((entry) => file.text(names + file.u64(entry + 8)))
}

/** The versions are a list of lists: one for each library, with the name of each version. */
function readVersions(file: ByteReader, { offset, names }: Section): string[] {
  const versions: string[] = []
  for (const library of linked(file, offset, 12)) {
    for (const version of linked(file, library + file.u32(library + 8), 12)) {
      versions.push(file.text(names + file.u32(version + 8)))
    }
  }
  return versions
}

/** The offsets of linked entries: at `field`, each says how far away the next one is; 0 is the end. */
function* linked(file: ByteReader, offset: number, field: number): Generator<number> {
  for (;;) {
    yield offset
    const step = file.u32(offset + field)
    if (step === 0) return
    offset += step
  }
}
