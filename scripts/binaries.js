// `npm run binaries`: the binary of this machine, built by its own compiler, and checked.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript, runStep, withPnpm } from './steps.js'

// As in native.js: a Node that carries its headers needs no others.
const prefix = path.resolve(process.execPath, '../..')
const hasHeaders = existsSync(path.join(prefix, 'include/node/node_api.h'))
const nodedir = process.env.npm_config_nodedir ?? (hasHeaders ? prefix : undefined)

await runScript(async () => {
  await prepare()
  // Built a moment ago.
  const { targetName } = await import('../release/dist/src/targets.js')
  const { thisMachine } = await import('../release/dist/src/this-machine.js')
  const target = thisMachine()

  const prebuildify = ['pnpm', '--filter=@reuse/core', 'run', 'prebuildify']
  await runStep({
    title: `Building the binary for ${targetName(target)}`,
    // Else it asks for the headers of the newest Node.
    command: withPnpm(
      ...prebuildify,
      `--target=${process.version}`,
      ...(target.libc === undefined ? [] : ['--tag-libc']),
    ),
    env: { ...process.env, ...(nodedir && { npm_config_nodedir: nodedir }) },
  })
  await runStep({
    title: 'Checking it',
    command: [
      process.execPath,
      path.join(root, 'release/dist/src/check/main.js'),
      path.join(root, 'packages/core/prebuilds'),
      `--only=${targetName(target)}`,
    ],
  })
})
