/** Checks the binaries of all packages: node main.js packages [--only linux-x64,darwin-arm64] */
import { homedir, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { checkFolder } from './check-folder.js'
import { selectTargets } from './selection.js'

function main(): number {
  const { values, positionals } = parseArgs({
    options: { only: { type: 'string' } },
    allowPositionals: true,
  })
  const [folder, ...rest] = positionals
  if (folder === undefined || rest.length > 0) {
    throw new Error('expected one folder, that of the packages')
  }
  const targets = selectTargets(values.only)
  const problems = checkFolder(folder, targets, [process.cwd(), homedir(), tmpdir()])
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) return 1
  console.log(`${targets.length} of ${targets.length} binaries are as they should be.`)
  return 0
}

try {
  process.exitCode = main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
