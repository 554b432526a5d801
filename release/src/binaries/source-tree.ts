import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../root.js'

const require = createRequire(import.meta.url)

/** Where what is compiled lies. */
export interface SourceTree {
  /** With binding.gyp, below which the sources are that it names. */
  core: string
  /** With what Windows needs beside them. */
  windows: string
  /** With Node-API's headers. */
  headers: string
}

/** The workspace's own. */
export const workspaceTree: SourceTree = {
  core: path.join(root, 'packages/core'),
  windows: path.join(root, 'release/native'),
  headers: path.join(path.dirname(require.resolve('node-api-headers')), 'include'),
}

/** A copy below another folder, to see that it makes no difference where the sources lie. */
export function copyTree(tree: SourceTree, folder: string): SourceTree {
  const copy = {
    core: path.join(folder, 'addon'),
    windows: path.join(folder, 'for-windows'),
    headers: path.join(folder, 'node-api'),
  }
  cpSync(path.join(tree.core, 'binding.gyp'), path.join(copy.core, 'binding.gyp'))
  cpSync(path.join(tree.core, 'native'), path.join(copy.core, 'native'), { recursive: true })
  cpSync(tree.windows, copy.windows, { recursive: true })
  cpSync(tree.headers, copy.headers, { recursive: true })
  return copy
}
