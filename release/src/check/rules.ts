import type { BinaryTarget } from '../targets.js'
import { elfProblems } from './elf-rules.js'
import type { BinaryFacts } from './facts.js'
import { machOProblems } from './mach-o-rules.js'
import { peProblems } from './pe-rules.js'
import { listNames, type Problem, unexpected } from './problem.js'

const formats = { linux: 'ELF', win32: 'PE', darwin: 'Mach-O' } as const

/** What Node calls when it has loaded an addon. */
const entry = 'napi_register_module_v1'

/** What every system of a kind has. */
const systemLibraries = {
  glibc: /^(libc\.so\.6|libpthread\.so\.0|ld-linux-(x86-64|aarch64)\.so\.[12])$/,
  // Musl is one library, which answers to both names.
  musl: /^(libc\.so|libc\.musl-(x86_64|aarch64)\.so\.1)$/,
  // The last are the C library of Windows 10 and later.
  win32: /^(kernel32|ws2_32)\.dll$|^api-ms-win-crt-[a-z]+-l1-1-0\.dll$/i,
  // node-gyp links C++'s library even where everything is C.
  darwin: /^\/usr\/lib\/(libSystem\.B|libc\+\+\.1)\.dylib$/,
}

/** Compares what a binary says of itself with what its target asks. */
export function findProblems(facts: BinaryFacts, target: BinaryTarget): Problem[] {
  const format = formats[target.platform]
  if (facts.format !== format) {
    return [{ expected: `a file in ${format} format`, found: facts.format }]
  }
  return [...commonProblems(facts, target), ...formatProblems(facts, target)]
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
    problems.push({ expected: `the export ${entry}`, found: listNames(facts.exports) })
  }
  const system = platform === 'linux' ? (libc ?? 'glibc') : platform
  const foreign = facts.libraries.filter((library) => !systemLibraries[system].test(library))
  return [...problems, ...unexpected("the system's own libraries only", foreign)]
}

function formatProblems(facts: BinaryFacts, target: BinaryTarget): Problem[] {
  switch (facts.format) {
    case 'ELF':
      return elfProblems(facts, target)
    case 'PE':
      return peProblems(facts)
    case 'Mach-O':
      return machOProblems(facts)
  }
}
