import { binaryPath, binaryTargets } from '../targets.js'
import type { PackageContract } from './contracts.js'

const always = ['LICENSE', 'README.md', 'package.json']

/**
 * Compares what a tarball has with what it should have: these files, and no other.
 *
 * @param files in the tarball
 * @param sources below `src/`, each of which the build makes three files of
 * @param native sources of the addon, below `native/`
 * @returns a sentence for each file that is missing or does not belong there
 */
export function contentFaults(
  contract: PackageContract,
  files: readonly string[],
  sources: readonly string[],
  native: readonly string[] = [],
): string[] {
  const expected = new Set([
    ...always,
    ...sources.flatMap(builtFrom),
    ...(contract.native ? addonFiles(native) : []),
  ])
  const present = new Set(files)
  const missing = [...expected].filter((file) => !present.has(file))
  const unknown = files.filter((file) => !expected.has(file) && file !== 'CHANGELOG.md')
  return [
    ...missing.map((file) => `${contract.name} has no ${file}`),
    ...unknown.map((file) => `${contract.name} has ${file}, which nobody asked for`),
  ]
}

function builtFrom(source: string): string[] {
  const built = `dist/src/${source.replace(/\.ts$/, '')}`
  return [`${built}.js`, `${built}.js.map`, `${built}.d.ts`]
}

function addonFiles(native: readonly string[]): string[] {
  const binaries = binaryTargets.map((target) => `prebuilds/${binaryPath(target)}`)
  return ['binding.gyp', ...native.map((file) => `native/${file}`), ...binaries]
}
