import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../root.js'

const require = createRequire(import.meta.url)

/** Where what is compiled lies. */
export interface SourceTree {
  /** With the addon's sources, and the binding.gyp that names them. */
  core: string
  /** With the launcher's sources, and in `preload/` those of the preload library and their list. */
  cli: string
  /** The file that Windows needs beside them. */
  nodeApi: string
  /** With Node-API's headers. */
  headers: string
}

/** The workspace's own. */
export const workspaceTree: SourceTree = {
  core: path.join(root, 'packages/core/native'),
  cli: path.join(root, 'packages/cli/native'),
  nodeApi: path.join(root, 'release/native/node_api_windows.c'),
  headers: path.join(path.dirname(require.resolve('node-api-headers')), 'include'),
}

/** A copy below another folder, to see that it makes no difference where the sources lie. */
export function copyTree(tree: SourceTree, folder: string): SourceTree {
  const copy = {
    core: path.join(folder, 'of-core'),
    cli: path.join(folder, 'of-cli'),
    nodeApi: path.join(folder, 'for-windows/node_api.c'),
    headers: path.join(folder, 'node-api'),
  }
  cpSync(tree.core, copy.core, { recursive: true })
  cpSync(tree.cli, copy.cli, { recursive: true })
  cpSync(tree.nodeApi, copy.nodeApi)
  cpSync(tree.headers, copy.headers, { recursive: true })
  return copy
}
