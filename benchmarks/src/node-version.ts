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

/** The line that is taken where this Node has no `reusePort`: all sides run on the same Node. */
const withReusePort = '24'

/**
 * The Node that runs the programs of every side.
 *
 * @param wanted as `24`; default is this one if it has all that is compared
 */
export async function chooseNode(wanted: string | undefined): Promise<NodeVersion> {
  if (wanted !== undefined) return findNode(wanted)
  if (hasReusePort(process.version)) return thisNode
  try {
    return await findNode(withReusePort)
  } catch {
    console.log(`Node ${withReusePort} cannot be had from npm: this one runs the programs.`)
    return thisNode
  }
}

async function findNode(wanted: string): Promise<NodeVersion> {
  const program = await installNode(wanted)
  const { stdout } = await run(program, ['--version'])
  return { program, version: stdout.trim() }
}

/** Whether a Node has `server.listen({ reusePort: true })`. */
export function hasReusePort(version: string): boolean {
  const [major = 0, minor = 0] = version.replace('v', '').split('.').map(Number)
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12)
}
