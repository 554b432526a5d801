import path from 'node:path'
import { installFromNpm, type Target, thisTarget } from './npm-package.js'

/**
 * Installs a version of Node from npm, once, and returns the path of its program.
 *
 * @param version an exact version, or a release line such as `24` for what was its newest when it was first installed
 * @param target another system's Node, for an emulator
 */
export async function installNode(version: string, target: Target = thisTarget): Promise<string> {
  const windows = target.os === 'win32'
  const name = `node-${windows ? 'win' : target.os}-${target.cpu}`
  const folder = await installFromNpm(name, version, target)
  return path.join(folder, 'bin', windows ? 'node.exe' : 'node')
}
