// Builds the native addon of the package in this folder, from source, for this machine.
import { spawnSync } from 'node:child_process'
import { findHeaders } from './node-headers.js'

const nodedir = findHeaders()
const args = [
  '-C',
  'native',
  'configure',
  'build',
  '--loglevel=warn',
  ...(nodedir ? [`--nodedir=${nodedir}`] : []),
]
const { status } = spawnSync('node-gyp', args, {
  stdio: 'inherit',
  shell: process.platform === 'win32',
})
process.exitCode = status ?? 1
