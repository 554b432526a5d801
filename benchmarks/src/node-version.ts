import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = fileURLToPath(new URL('../../../node_modules/.cache/node', import.meta.url))

/** A Node by which the programs of a benchmark are run. */
export interface NodeVersion {
  program: string
  /** As `v24.1.0`. */
  version: string
}

export const thisNode: NodeVersion = { program: process.execPath, version: process.version }

/** Installs a Node from npm, once, where `npm run test:node` has its own. */
export async function installNode(wanted: string): Promise<NodeVersion> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const folder = path.join(cache, wanted)
  const program = path.join(folder, 'node_modules', name, 'bin', 'node')
  if (!existsSync(program)) {
    console.log(`Installing Node ${wanted}`)
    mkdirSync(folder, { recursive: true })
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n')
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    await run(npm, ['install', '--prefix', folder, '--no-save', `${name}@${wanted}`])
  }
  const { stdout } = await run(program, ['--version'])
  return { program, version: stdout.trim() }
}

/** Whether a Node has `server.listen({ reusePort: true })`. */
export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}
