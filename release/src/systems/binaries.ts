import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { workspaceTree } from '../binaries/source-tree.js'
import { root } from '../root.js'
import { binaryFile, binaryOwner, binaryTargets } from '../targets.js'

const builder = fileURLToPath(new URL('../binaries/main.js', import.meta.url))

/** Builds all binaries if one is missing, or is older than its sources. */
export function ensureBinaries(): void {
  const newest = {
    core: newestFile(workspaceTree.core),
    cli: newestFile(workspaceTree.cli),
  }
  const ready = binaryTargets.every((target) => {
    const built = changed(path.join(root, 'packages', binaryFile(target)))
    return built !== null && built >= newest[binaryOwner(target)]
  })
  if (ready) return
  console.log('Building the binaries')
  execFileSync(process.execPath, [builder], { stdio: 'inherit', timeout: 600_000 })
}

/** When a folder's files were last changed, not counting those that are built there. */
function newestFile(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true })
  const built = path.join(folder, 'build')
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => !file.startsWith(built + path.sep))
  return Math.max(...files.map((file) => changed(file) ?? 0))
}

/** When a file was last changed; `null` if there is none. */
function changed(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null
}
