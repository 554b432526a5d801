import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { findProgram } from '@reuse/testkit'

/** The programs that npm's scripts and the shims in node_modules/.bin call. None of them can compile. */
const harmless = ['sh', 'env', 'basename', 'dirname', 'readlink', 'sed', 'uname']

/** Makes a folder that can be the whole PATH: it has this Node, and no compiler, make or python. */
export function makeBarePath(folder: string): string {
  mkdirSync(folder)
  symlinkSync(process.execPath, path.join(folder, 'node'))
  for (const program of harmless) {
    const found = findProgram(program)
    if (found !== undefined) symlinkSync(found, path.join(folder, program))
  }
  return folder
}
