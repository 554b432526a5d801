// `npm run binaries`: builds the addon for this machine with its own compiler, and checks it.
import path from 'node:path'
import { findHeaders } from './node-headers.js'
import { prepare } from './prepare.js'
import { root, runScript, runStep, withPnpm } from './steps.js'

const nodedir = findHeaders()

await runScript(async () => {
  await prepare()
  // Built a moment ago.
  const { targetName } = await import('../release/dist/src/targets.js')
  const { thisMachine } = await import('../release/dist/src/this-machine.js')
  const target = thisMachine()

  const prebuildify = ['pnpm', '--filter=@reuse/core', 'run', 'prebuildify']
  await runStep({
    title: `Building the addon for ${targetName(target)}`,
    // Otherwise, prebuildify asks for the headers of the newest Node.
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
      path.join(root, 'packages'),
      `--only=${targetName(target)}`,
    ],
  })
})
