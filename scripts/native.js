// Builds the native addon of the package in this folder, from source, for this machine.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'

// Node's own releases carry their headers: with these there is nothing to download.
const prefix = path.resolve(process.execPath, '../..')
const hasHeaders = existsSync(path.join(prefix, 'include/node/node_api.h'))
const nodedir = process.env.npm_config_nodedir ?? (hasHeaders ? prefix : undefined)

const args = ['configure', 'build', '--loglevel=warn', ...(nodedir ? [`--nodedir=${nodedir}`] : [])]
const { status } = spawnSync('node-gyp', args, {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
