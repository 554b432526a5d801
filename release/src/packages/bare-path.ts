import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'

/** What npm's scripts and the shims in node_modules/.bin call. Nothing here can compile. */
const harmless = ['sh', 'env', 'basename', 'dirname', 'readlink', 'sed', 'uname']

/** Makes a folder that stands alone as PATH: this Node, and no compiler, make or python. */
export function makeBarePath(folder: string): string {
  mkdirSync(folder)
  symlinkSync(process.execPath, path.join(folder, 'node'))
  for (const program of harmless) {
    const found = onPath(program)
    if (found !== undefined) symlinkSync(found, path.join(folder, program))
  }
  return folder
}

/** Where a program of the machine is, if it has it. */
export function onPath(program: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file))
}
