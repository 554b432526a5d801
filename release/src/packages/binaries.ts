import { type BinaryTarget, binaryFile, binaryTargets } from '../targets.js'
import type { PackageContract } from './contracts.js'

/** The binaries of a package, as paths in its tarball. */
export function binariesOf(contract: PackageContract): string[] {
  return filesOf(contract, binaryTargets)
}

/** The binaries of a package that are started rather than loaded. */
export function launchersOf(contract: PackageContract): string[] {
  return filesOf(
    contract,
    binaryTargets.filter(({ kind }) => kind === 'launcher'),
  )
}

function filesOf({ directory }: PackageContract, targets: readonly BinaryTarget[]): string[] {
  const prefix = `${directory}/`
  return targets
    .map((target) => `packages/${binaryFile(target)}`)
    .filter((file) => file.startsWith(prefix))
    .map((file) => file.slice(prefix.length))
}
