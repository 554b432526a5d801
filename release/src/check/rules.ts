import type { BinaryTarget } from '../targets.js'
import type { BinaryFacts, ElfFacts, MachOFacts, PeFacts } from './facts.js'

/** What is wrong with a binary. Both halves read on from "expected …" and "found …". */
export interface Problem {
  expected: string
  found: string
}

const formats = { linux: 'ELF', win32: 'PE', darwin: 'Mach-O' } as const
const entry = 'napi_register_module_v1'

/** The oldest systems that the binaries run on. */
const glibc = [2, 17] as const
const macOS = [11, 0] as const

/** What every system of a kind has. */
const systemLibraries = {
  glibc: /^(libc\.so\.6|libpthread\.so\.0|ld-linux-(x86-64|aarch64)\.so\.[12])$/,
  // Musl is one library; it answers to both names.
  musl: /^(libc\.so|libc\.musl-(x86_64|aarch64)\.so\.1)$/,
  // The second is the C library of Windows 10 and later.
  win32: /^(kernel32|ws2_32)\.dll$|^api-ms-win-crt-[a-z]+-l1-1-0\.dll$/i,
  // node-gyp links C++'s library even where everything is C.
  darwin: /^\/usr\/lib\/(libSystem\.B|libc\+\+\.1)\.dylib$/,
}

/** What Node has beside Node-API, and changes from one version to the next. */
const unstable = /^_?(uv_|_ZNK?2v8|_ZNK?4node)/

/** Compares what a binary says of itself with what its target asks. */
export function findProblems(facts: BinaryFacts, target: BinaryTarget): Problem[] {
  const format = formats[target.platform]
  if (facts.format !== format)
    return [{ expected: `a file in ${format} format`, found: facts.format }]
  return [
    ...commonProblems(facts, target),
    ...(facts.format === 'ELF' ? elfProblems(facts, target) : []),
    ...(facts.format === 'PE' ? peProblems(facts) : []),
    ...(facts.format === 'Mach-O' ? machOProblems(facts) : []),
  ]
}

function commonProblems(facts: BinaryFacts, { platform, arch, libc }: BinaryTarget): Problem[] {
  const problems: Problem[] = []
  if (facts.machine !== arch) {
    problems.push({ expected: `code for ${arch}`, found: `code for ${facts.machine}` })
  }
  if (!facts.loadable) {
    problems.push({ expected: 'a library that can be loaded', found: 'another kind of file' })
  }
  if (!facts.exports.includes(entry)) {
    problems.push({ expected: `the export ${entry}`, found: list(facts.exports) })
  }
  const system = platform === 'linux' ? libc : platform
  const foreign = facts.libraries.filter(
    (library) => system === undefined || !systemLibraries[system].test(library),
  )
  if (foreign.length > 0) {
    problems.push({ expected: "the system's own libraries only", found: list(foreign) })
  }
  return problems
}

function elfProblems({ versions, imports }: ElfFacts, { libc }: BinaryTarget): Problem[] {
  const fits = (version: string) => {
    const [, number] = /^GLIBC_([\d.]+)$/.exec(version) ?? []
    return libc === 'glibc' && number !== undefined && !isNewer(number, glibc)
  }
  const tooNew = versions.filter((version) => !fits(version))
  const problems = importProblems(imports)
  if (tooNew.length > 0) {
    const expected = libc === 'glibc' ? `nothing newer than glibc ${glibc.join('.')}` : 'no glibc'
    problems.push({ expected, found: list(tooNew) })
  }
  return problems
}

function peProblems({ delayedLibraries }: PeFacts): Problem[] {
  // node-gyp imports Node's functions under this name, and finds the program whatever its name is.
  const foreign = delayedLibraries.filter((library) => library.toLowerCase() !== 'node.exe')
  if (foreign.length === 0) return []
  return [{ expected: 'delayed imports from node.exe only', found: list(foreign) }]
}

function machOProblems(facts: MachOFacts): Problem[] {
  const { minimumMacOS, signature, stringTableOffset, machine, imports } = facts
  const problems = importProblems(imports)
  if (minimumMacOS === null || isNewer(minimumMacOS, macOS)) {
    problems.push({
      expected: `a file that runs on macOS ${macOS.join('.')}`,
      found: minimumMacOS === null ? 'no version' : `macOS ${minimumMacOS} as the oldest`,
    })
  }
  // Macs with Intel's processors load what is not signed.
  if (signature === 'broken' || (signature === 'none' && machine === 'arm64')) {
    problems.push({
      expected: 'a valid signature',
      found: signature === 'none' ? 'none' : 'one that does not fit the file',
    })
  }
  // Newer loaders refuse any other: "mis-aligned LINKEDIT string pool".
  if (stringTableOffset % 8 !== 0) {
    problems.push({
      expected: 'a string table at a multiple of 8 bytes',
      found: `one at ${stringTableOffset}`,
    })
  }
  return problems
}

function importProblems(imports: string[]): Problem[] {
  const found = imports.filter((name) => unstable.test(name))
  if (found.length === 0) return []
  return [{ expected: 'no other functions of Node than Node-API', found: list(found) }]
}

function isNewer(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number)
  return ownMajor > major || (ownMajor === major && ownMinor > minor)
}

function list(names: string[]): string {
  return names.length === 0 ? 'none' : names.join(', ')
}
