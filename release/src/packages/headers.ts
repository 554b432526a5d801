import { existsSync } from 'node:fs'
import path from 'node:path'
import { npmSetting } from './npm-setting.js'

/** A folder that already has Node's headers, so that node-gyp need not download them. */
export async function headerFolder(): Promise<string | undefined> {
  const prefix = path.resolve(process.execPath, '../..')
  if (existsSync(path.join(prefix, 'include/node/node_api.h'))) return prefix
  return npmSetting('nodedir')
}
