import type { MachOFacts } from './facts.js'
import { importProblems } from './imports.js'
import type { Problem } from './problem.js'
import { isNewer, type Version } from './version.js'

const oldestMacOS: Version = [11, 0]

export function machOProblems(facts: MachOFacts): Problem[] {
  const { minimumMacOS, signature, stringTableOffset, machine, imports } = facts
  const problems = importProblems(imports)
  if (minimumMacOS === null || isNewer(minimumMacOS, oldestMacOS)) {
    problems.push({
      expected: `a file that runs on macOS ${oldestMacOS.join('.')}`,
      found: minimumMacOS === null ? 'no version' : `macOS ${minimumMacOS} as the oldest`,
    })
  }
  // Macs with Intel processors load files that are not signed.
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
