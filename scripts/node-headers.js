import { existsSync } from 'node:fs'
import path from 'node:path'

/**
 * The folder with the headers of this Node, for node-gyp; undefined if it has to fetch them. Node's own
 * releases contain their headers, so with these there is nothing to download.
 * @returns {string | undefined}
 */
export function findHeaders() {
  const prefix = path.resolve(process.execPath, '../..')
  const hasHeaders = existsSync(path.join(prefix, 'include/node/node_api.h'))
  return process.env.npm_config_nodedir ?? (hasHeaders ? prefix : undefined)
}
