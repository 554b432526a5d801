import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../root.js'
import { binaryPath, binaryTargets } from '../targets.js'

const core = path.join(root, 'packages/core')
const builder = fileURLToPath(new URL('../binaries/main.js', import.meta.url))

/** Builds the eight binaries where one is missing, or older than what it is made of. */
export function ensureBinaries(): void {
  const sources = readdirSync(path.join(core, 'native')).map((file) => `native/${file}`)
  const newest = Math.max(...['binding.gyp', ...sources].map((file) => changed(file) ?? 0))
  const ready = binaryTargets.every((target) => {
    const built = changed(`prebuilds/${binaryPath(target)}`)
    return built !== null && built >= newest
  })
  if (ready) return
  console.log('Building the binaries')
  execFileSync(process.execPath, [builder], { stdio: 'inherit', timeout: 600_000 })
}

/** When a file of core was last changed; `null` where there is none. */
function changed(file: string): number | null {
  return statSync(path.join(core, file), { throwIfNoEntry: false })?.mtimeMs ?? null
}
