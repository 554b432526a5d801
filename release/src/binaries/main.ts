/** Builds the binaries of all systems: node main.js [--only linux-x64,darwin-arm64] [--twice] */
import path from 'node:path'
import { parseArgs } from 'node:util'
import { checkFolder } from '../check/check-folder.js'
import { selectTargets } from '../check/selection.js'
import { root } from '../root.js'
import { buildBinaries } from './build.js'
import { findDifferences } from './reproduce.js'
import { workspaceTree } from './source-tree.js'
import { binariesTable } from './table.js'
import { findZig } from './zig.js'

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, twice: { type: 'boolean' } },
  })
  const targets = selectTargets(values.only)
  const folder = path.join(root, 'packages')
  const cache = path.join(root, 'node_modules/.cache/zig')

  await buildBinaries(targets, await findZig(cache), workspaceTree, folder)
  const problems = checkFolder(folder, targets, [root])
  if (problems.length === 0 && values.twice) {
    console.log('Building again elsewhere')
    problems.push(...(await findDifferences(targets, workspaceTree, folder, cache)))
  }
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(binariesTable(folder, targets))
  return 0
}

try {
  process.exitCode = await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
