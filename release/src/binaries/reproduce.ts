import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type BinaryTarget, binaryFile } from '../targets.js'
import { buildBinaries } from './build.js'
import { copyTree, type SourceTree } from './source-tree.js'
import { findZig } from './zig.js'

/**
 * Builds again, from copied sources in another folder and with nothing kept from the first build, and
 * resolves with a sentence for every binary that differs.
 *
 * @param libraries the folder with Zig's own libraries, which take minutes to compile: by the same Zig,
 * as in the first build
 */
export async function findDifferences(
  targets: readonly BinaryTarget[],
  tree: SourceTree,
  folder: string,
  libraries: string,
): Promise<string[]> {
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'reuse-binaries-'))
  try {
    const zig = await findZig(path.join(elsewhere, 'cache'), libraries)
    const again = path.join(elsewhere, 'packages')
    await buildBinaries(targets, zig, copyTree(tree, elsewhere), again)
    return compareFolders(folder, again, targets.map(binaryFile))
  } finally {
    rmSync(elsewhere, { recursive: true, force: true })
  }
}

/** A sentence for every file that is not the same in both folders. */
export function compareFolders(one: string, other: string, files: readonly string[]): string[] {
  return files.flatMap((file) => {
    const first = readFileSync(path.join(one, file))
    const second = readFileSync(path.join(other, file))
    if (first.equals(second)) return []
    const at = first.findIndex((byte, index) => byte !== second[index])
    return [
      `${file}: two builds made different files, of ${first.length} and ${second.length} bytes; ` +
        `the first difference is at byte ${at === -1 ? first.length : at}.`,
    ]
  })
}
