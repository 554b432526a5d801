import type { BinaryTarget } from '../targets.js'
import type { ElfFacts } from './facts.js'
import { importProblems } from './imports.js'
import { type Problem, unexpected } from './problem.js'
import { isNewer, type Version } from './version.js'

/** The oldest glibc that the binaries run on, from 2012. */
const oldestGlibc: Version = [2, 17]

export function elfProblems({ versions, imports }: ElfFacts, { libc }: BinaryTarget): Problem[] {
  const fits = (version: string) => {
    const [, number] = /^GLIBC_([\d.]+)$/.exec(version) ?? []
    return libc === 'glibc' && number !== undefined && !isNewer(number, oldestGlibc)
  }
  const expected =
    libc === 'glibc' ? `nothing newer than glibc ${oldestGlibc.join('.')}` : 'no glibc'
  const tooNew = versions.filter((version) => !fits(version))
  return [...unexpected(expected, tooNew), ...importProblems(imports)]
}
