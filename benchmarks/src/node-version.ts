import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { installNode } from '@reuse/testkit'

const run = promisify(execFile)

/** A Node that runs the programs of a benchmark. */
export interface NodeVersion {
  program: string
  /** Such as `v24.1.0`. */
  version: string
}

export const thisNode: NodeVersion = { program: process.execPath, version: process.version }

/** The line that is used if this Node has no `reusePort`: all sides run on the same Node. */
const withReusePort = '24'

/**
 * The Node that runs the programs of every side.
 *
 * @param wanted such as `24`; default: this Node, if it has everything that is compared
 */
export async function chooseNode(wanted: string | undefined): Promise<NodeVersion> {
  if (wanted !== undefined) return findNode(wanted)
  if (hasReusePort(process.version)) return thisNode
  try {
    return await findNode(withReusePort)
  } catch {
    console.log(`Node ${withReusePort} cannot be installed from npm: this one runs the programs.`)
    return thisNode
  }
}

async function findNode(wanted: string): Promise<NodeVersion> {
  const program = await installNode(wanted)
  const { stdout } = await run(program, ['--version'])
  return { program, version: stdout.trim() }
}

/** Returns whether a Node has `server.listen({ reusePort: true })`. */
export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}
