import { cpSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { root } from '../root.js'

const require = createRequire(import.meta.url)

/** Where the files that are compiled are. */
export interface SourceTree {
  /** The folder of the addon's sources, and the binding.gyp that names them. */
  core: string
  /** The folder of the launcher's sources; in `preload/`, those of the preload library and their list. */
  cli: string
  /** The additional source file that Windows needs. */
  nodeApi: string
  /** The folder of Node-API's headers. */
  headers: string
}

/** The workspace's own files. */
export const workspaceTree: SourceTree = {
  core: path.join(root, 'packages/core/native'),
  cli: path.join(root, 'packages/cli/native'),
  nodeApi: path.join(root, 'release/native/node_api_windows.c'),
  headers: path.join(path.dirname(require.resolve('node-api-headers')), 'include'),
}

/** Makes a copy below another folder, to check that the location of the sources makes no difference. */
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
