import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { type BinaryTarget, binaryFile, binaryOwners, binaryTargets } from '../targets.js'
import { findBuildPath } from './build-path.js'
import { UnreadableBinary } from './byte-reader.js'
import type { Problem } from './problem.js'
import { readBinary } from './read-binary.js'
import { findProblems } from './rules.js'

/**
 * Checks the binaries of these targets in a folder that is laid out as `packages/`, and that every file
 * beside them is a binary of some target. Returns a sentence for everything that is wrong.
 *
 * @param buildFolders folders that no binary may name
 */
export function checkFolder(
  folder: string,
  targets: readonly BinaryTarget[],
  buildFolders: readonly string[] = [],
): string[] {
  const known = new Set(binaryTargets.map(binaryFile))
  const strays = binaryOwners
    .flatMap((owner) => listFiles(folder, `${owner}/prebuilds`))
    .filter((file) => !known.has(file))
    .map((file) => `${file}: expected nothing of this name, found a file.`)
  const wrong = targets.flatMap((target) => {
    const file = binaryFile(target)
    return checkBinary(path.join(folder, file), target, buildFolders).map(
      ({ expected, found }) => `${file}: expected ${expected}, found ${found}.`,
    )
  })
  return [...wrong, ...strays]
}

function checkBinary(
  file: string,
  target: BinaryTarget,
  buildFolders: readonly string[],
): Problem[] {
  if (!existsSync(file)) return [{ expected: 'a binary', found: 'no file' }]
  const bytes = readFileSync(file)
  try {
    const problems = findProblems(readBinary(bytes), target)
    const place = findBuildPath(bytes, buildFolders)
    if (place !== undefined) problems.push({ expected: 'no path of its build', found: place })
    return [...problems, ...permissionProblems(file, target)]
  } catch (error) {
    if (!(error instanceof UnreadableBinary)) throw error
    return [{ expected: 'a binary', found: error.message }]
  }
}

/** A library only has to be readable to be loaded; the launcher must be executable for any user. */
function permissionProblems(file: string, { kind }: BinaryTarget): Problem[] {
  const mode = statSync(file).mode & 0o777
  if (kind !== 'launcher' || (mode & 0o555) === 0o555) return []
  return [{ expected: 'a file that everybody may execute', found: `mode ${mode.toString(8)}` }]
}

function listFiles(folder: string, below: string): string[] {
  if (!existsSync(path.join(folder, below))) return []
  return readdirSync(path.join(folder, below), { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
    .sort()
}
