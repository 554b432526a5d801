import { binariesOf, launchersOf } from './binaries.js'
import type { PackageContract } from './contracts.js'

const always = ['LICENSE', 'README.md', 'package.json']

/**
 * Compares what a tarball has with what it should have: these files, and no other.
 *
 * @param files in the tarball
 * @param native the files in `native/`, which are built from source where the package is installed
 * @returns a sentence for each file that is missing or does not belong there
 */
export function contentFaults(
  contract: PackageContract,
  files: readonly string[],
  native: readonly string[] = [],
): string[] {
  const expected = new Set([
    ...always,
    ...contract.entries.map((entry) => `dist/bundle/${entry}.d.ts`),
    ...[...contract.entries, ...contract.further].flatMap(bundled),
    ...(contract.schemas ?? []),
    ...native.map((file) => `native/${file}`),
    ...binariesOf(contract),
  ])
  const present = new Set(files)
  const missing = [...expected].filter((file) => !present.has(file))
  const unknown = files.filter((file) => !expected.has(file) && file !== 'CHANGELOG.md')
  return [
    ...missing.map((file) => `${contract.name} has no ${file}`),
    ...unknown.map((file) => `${contract.name} has ${file}, which is not expected`),
  ]
}

function bundled(name: string): string[] {
  return [`dist/bundle/${name}.js`, `dist/bundle/${name}.js.map`]
}

/**
 * Looks for programs in a tarball that not everybody may execute. The user who installs the package may
 * not be the one who starts them, and the folder may be read-only, so this cannot be repaired later.
 */
export function permissionFaults(
  contract: PackageContract,
  executables: readonly string[],
): string[] {
  const command = contract.bin === undefined ? [] : ['dist/bundle/main.js']
  return [...command, ...launchersOf(contract)]
    .filter((file) => !executables.includes(file))
    .map((file) => `${contract.name}: not everybody may execute ${file}`)
}
