import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../root.js'

const require = createRequire(import.meta.url)

/** Where what is compiled lies. */
export interface SourceTree {
  /** With binding.gyp, below which the sources are that it names. */
  core: string
  /** The file that Windows needs beside them. */
  nodeApi: string
  /** With Node-API's headers. */
  headers: string
}

/** The workspace's own. */
export const workspaceTree: SourceTree = {
  core: path.join(root, 'packages/core'),
  nodeApi: path.join(root, 'release/native/node_api_windows.c'),
  headers: path.join(path.dirname(require.resolve('node-api-headers')), 'include'),
}

/** A copy below another folder, to see that it makes no difference where the sources lie. */
export function copyTree(tree: SourceTree, folder: string): SourceTree {
  const copy = {
    core: path.join(folder, 'addon'),
    nodeApi: path.join(folder, 'for-windows/node_api.c'),
    headers: path.join(folder, 'node-api'),
  }
  cpSync(path.join(tree.core, 'binding.gyp'), path.join(copy.core, 'binding.gyp'))
  cpSync(path.join(tree.core, 'native'), path.join(copy.core, 'native'), { recursive: true })
  cpSync(tree.nodeApi, copy.nodeApi)
  cpSync(tree.headers, copy.headers, { recursive: true })
  return copy
}
