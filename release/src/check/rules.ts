import type { BinaryTarget } from '../targets.js'
import { elfProblems } from './elf-rules.js'
import type { BinaryFacts } from './facts.js'
import { launcherProblems } from './launcher-rules.js'
import { machOProblems } from './mach-o-rules.js'
import { peProblems } from './pe-rules.js'
import { preloadProblems } from './preload-rules.js'
import { listNames, type Problem, unexpected } from './problem.js'
import { typeProblems } from './type-rules.js'

const formats = { linux: 'ELF', win32: 'PE', darwin: 'Mach-O' } as const

/** What Node calls when it has loaded an addon. */
const entry = 'napi_register_module_v1'

/** The libraries that every system of a kind has. */
const systemLibraries = {
  glibc: /^(libc\.so\.6|libpthread\.so\.0|ld-linux-(x86-64|aarch64)\.so\.[12])$/,
  // Musl is a single library, which is loaded under either name.
  musl: /^(libc\.so|libc\.musl-(x86_64|aarch64)\.so\.1)$/,
  // The last are the C library of Windows 10 and later.
  win32: /^(kernel32|ws2_32)\.dll$|^api-ms-win-crt-[a-z]+-l1-1-0\.dll$/i,
  // node-gyp links the C++ library even if everything is C.
  darwin: /^\/usr\/lib\/(libSystem\.B|libc\+\+\.1)\.dylib$/,
}

/** Compares what a binary says about itself with what its target requires. */
export function findProblems(facts: BinaryFacts, target: BinaryTarget): Problem[] {
  const format = formats[target.platform]
  if (facts.format !== format) {
    return [{ expected: `a file in ${format} format`, found: facts.format }]
  }
  const problems: Problem[] = []
  if (facts.machine !== target.arch) {
    problems.push({ expected: `code for ${target.arch}`, found: `code for ${facts.machine}` })
  }
  return [...problems, ...kindProblems(facts, target)]
}

function kindProblems(facts: BinaryFacts, target: BinaryTarget): Problem[] {
  switch (target.kind) {
    case 'addon':
      return [...addonProblems(facts, target), ...formatProblems(facts, target)]
    case 'launcher':
      return launcherProblems(facts)
    case 'preload':
      return [...preloadProblems(facts), ...formatProblems(facts, target)]
  }
}

function addonProblems(facts: BinaryFacts, { platform, libc }: BinaryTarget): Problem[] {
  const problems = typeProblems(facts, 'library')
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
