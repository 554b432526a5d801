// `npm run binaries`: the binary of this machine, built by its own compiler, and checked.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { prepare } from './prepare.js'
import { root, runScript, runStep, withPnpm } from './steps.js'

const { platform, arch, version, execPath } = process

// Only Linux has several C libraries. prebuildify and node-gyp-build tell them apart like this.
const libc = existsSync('/etc/alpine-release') ? 'musl' : 'glibc'
const isLinux = platform === 'linux'
const target = [platform, arch, ...(isLinux ? [libc] : [])].join('-')

// As in native.js: a Node that carries its headers needs no others.
const prefix = path.resolve(execPath, '../..')
const nodedir = existsSync(path.join(prefix, 'include/node/node_api.h')) ? prefix : undefined

await runScript(async () => {
  await prepare()
  const prebuildify = ['pnpm', '--filter', '@reuse/core', 'run', 'prebuildify', '--target', version]
  await runStep({
    title: `Building the binary for ${target}`,
    command: withPnpm(...prebuildify, ...(isLinux ? ['--tag-libc'] : [])),
    env: { ...(nodedir && { npm_config_nodedir: nodedir }), ...process.env },
  })
  const checker = path.join(root, 'release/dist/src/check/main.js')
  const folder = path.join(root, 'packages/core/prebuilds')
  await runStep({
    title: 'Checking it',
    command: [execPath, checker, folder, `--only=${target}`],
  })
})
