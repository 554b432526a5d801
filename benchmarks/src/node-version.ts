import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { installNode } from '@reuse/testkit'

const run = promisify(execFile)

/** A Node by which the programs of a benchmark are run. */
export interface NodeVersion {
  program: string
  /** As `v24.1.0`. */
  version: string
}

export const thisNode: NodeVersion = { program: process.execPath, version: process.version }

export async function findNode(wanted: string): Promise<NodeVersion> {
  const program = await installNode(wanted)
  const { stdout } = await run(program, ['--version'])
  return { program, version: stdout.trim() }
}

/** Whether a Node has `server.listen({ reusePort: true })`. */
export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}
