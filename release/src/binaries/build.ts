import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { type BinaryTarget, binaryFile, binaryOwner, buildName, targetName } from '../targets.js'
import { compilerRuns } from './compiler-arguments.js'
import type { SourceTree } from './source-tree.js'
import type { Zig } from './zig.js'

const run = promisify(execFile)

/** How many binaries are built at once; on a small machine, more would only wait for each other. */
const concurrency = 2

/** Builds these binaries into a folder that is laid out as `packages/`. */
export async function buildBinaries(
  targets: readonly BinaryTarget[],
  zig: Zig,
  tree: SourceTree,
  folder: string,
): Promise<void> {
  // Windows binaries take longest, so they are built first.
  const ordered = [...targets].sort((a, b) => b.platform.localeCompare(a.platform))
  await Readable.from(ordered).forEach(
    async (target: BinaryTarget) => {
      const start = process.hrtime.bigint()
      await buildBinary(target, zig, tree, path.join(folder, binaryFile(target)))
      const seconds = Number(process.hrtime.bigint() - start) / 1e9
      console.log(`Built ${targetName(target)} (${seconds.toFixed(1)} s)`)
    },
    { concurrency },
  )
}

async function buildBinary(
  target: BinaryTarget,
  zig: Zig,
  tree: SourceTree,
  file: string,
): Promise<void> {
  // Built elsewhere and moved when it is complete, without other files that the build makes, such as the
  // import library of Windows binaries.
  // The file's name is always the same, because Windows binaries contain it.
  const unfinished = mkdtempSync(path.join(zig.cache, 'unfinished-'))
  const output = path.join(unfinished, buildName(target))
  try {
    for (const args of compilerRuns(target, tree, output)) {
      await run(zig.program, args, { cwd: tree[binaryOwner(target)], env: zig.env })
    }
    // Regardless of this user's umask: it is published with this mode.
    if (target.kind === 'launcher') chmodSync(output, 0o755)
    mkdirSync(path.dirname(file), { recursive: true })
    renameSync(output, file)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause
    throw new Error(`${targetName(target)} was not built: ${reason}`, { cause })
  } finally {
    rmSync(unfinished, { recursive: true, force: true })
  }
}
