/**
 * Builds the native part from source, on a system without a prebuilt binary. The error about the
 * missing binary gives the command. This needs no other package, and works with any package manager.
 */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { require } from './lib/builtin.js'
import { root } from './root.js'
import { compiler } from './socket/addon-error.js'

const folder = path.join(root, 'native')
const addon = path.join(folder, 'build/Release/reuse.node')

const shell = process.platform === 'win32'

// npm comes with Node. Run in the project's folder, it uses the project's settings.
const args = ['--yes', 'node-gyp', 'rebuild', '-C', shell ? `"${folder}"` : folder]
const { error, status } = spawnSync('npx', args, { stdio: 'inherit', shell })
if (error !== undefined) {
  end(
    `npx cannot be started (${error.message}). Install npm, or run \`node-gyp rebuild\` in ${folder}.`,
  )
} else if (status !== 0) {
  end(`The build failed; the reason is above. Building needs ${compiler}.`)
} else {
  try {
    require(addon)
    console.log(`Built ${addon}`)
  } catch (failure) {
    end(`${addon} was built but does not load: ${String(failure)}`)
  }
}

function end(why: string): void {
  console.error(`@reuse/core: ${why}`)
  process.exitCode = 1
}
