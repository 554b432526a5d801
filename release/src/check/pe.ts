import { type ByteReader, UnreadableBinary } from './byte-reader.js'
import type { PeFacts } from './facts.js'

const machines: Record<number, string> = { 34404: 'x64', 43620: 'arm64' }

const IMAGE_FILE_DLL = 0x2000
/** The optional header of 64-bit images. */
const PE32_PLUS = 0x20b

/** The data directories that are read, by their index. */
const directories = { exports: 0, imports: 1, delayedImports: 13 }

/** Turns an address in memory, as used in all of PE's tables, into an offset in the file. */
type Locate = (address: number) => number

/** Reads a 64-bit PE file; Microsoft's "PE Format" shows the structures. */
export function readPe(file: ByteReader): PeFacts {
  const header = file.u32(0x3c)
  if (file.u32(header) !== 0x4550) throw new UnreadableBinary('a DOS program without a PE header')
  const optional = header + 24
  if (file.u16(optional) !== PE32_PLUS) throw new UnreadableBinary('a PE file of 32 bits')

  const machine = file.u16(header + 4)
  const locate = readSections(file, optional + file.u16(header + 20), file.u16(header + 6))
  const directory = (index: number) =>
    index < file.u32(optional + 108) ? file.u32(optional + 112 + index * 8) : 0
  return {
    format: 'PE',
    machine: machines[machine] ?? `machine 0x${machine.toString(16)}`,
    type: (file.u16(header + 22) & IMAGE_FILE_DLL) !== 0 ? 'library' : 'program',
    libraries: readLibraries(file, locate, directory(directories.imports), 20, 12),
    delayedLibraries: readLibraries(file, locate, directory(directories.delayedImports), 32, 4),
    exports: readExports(file, locate, directory(directories.exports)),
  }
}

function readSections(file: ByteReader, start: number, count: number): Locate {
  const sections = Array.from({ length: count }, (_, index) => {
    const section = start + index * 40
    const [address, size, offset] = [12, 16, 20].map((field) => file.u32(section + field))
    return { address: address ?? 0, size: size ?? 0, offset: offset ?? 0 }
  })
  for (const { offset, size } of sections) file.slice(offset, size)
  return (wanted) => {
    const section = sections.find(
      ({ address, size }) => wanted >= address && wanted < address + size,
    )
    if (section === undefined) throw new UnreadableBinary('a PE file with an address outside of it')
    return wanted - section.address + section.offset
  }
}

/** A table of descriptors, one for each library, that ends with an empty one. */
function readLibraries(
  file: ByteReader,
  locate: Locate,
  table: number,
  size: number,
  nameField: number,
): string[] {
  const libraries: string[] = []
  if (table === 0) return libraries
  for (let descriptor = locate(table); ; descriptor += size) {
    const name = file.u32(descriptor + nameField)
    if (name === 0) return libraries
    libraries.push(file.text(locate(name)))
  }
}

function readExports(file: ByteReader, locate: Locate, table: number): string[] {
  if (table === 0) return []
  const directory = locate(table)
  const count = file.u32(directory + 24)
  if (count === 0) return []
  const names = locate(file.u32(directory + 32))
  return Array.from({ length: count }, (_, index) => file.text(locate(file.u32(names + index * 4))))
}
