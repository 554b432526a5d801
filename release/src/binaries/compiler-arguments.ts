import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { BinaryTarget } from '../targets.js'
import { readGyp } from './gyp.js'
import type { SourceTree } from './source-tree.js'

const cpus = { x64: 'x86_64', arm64: 'aarch64' }

/** As Zig names a target, with the oldest version of the system that it has to run on. */
function zigTarget({ platform, arch, libc }: BinaryTarget): string {
  const system = {
    linux: libc === 'musl' ? 'linux-musl' : 'linux-gnu.2.17',
    win32: 'windows-gnu',
    darwin: 'macos.11.0',
  }
  return `${cpus[arch]}-${system[platform]}`
}

const platformFlags = {
  linux: ['-fPIC'],
  win32: [
    // Node-API's functions are defined in the addon itself: see node_api_windows.c.
    '-DNAPI_EXTERN=',
    '-lws2_32',
  ],
  darwin: [
    '-Wl,-undefined,dynamic_lookup',
    // Its own name would else be the path at which it is built.
    '-Wl,-install_name,@rpath/reuse.node',
  ],
}

/** The arguments for `zig`, run in the folder of core, that build the addon for a target. */
export function compilerArguments(
  target: BinaryTarget,
  tree: SourceTree,
  output: string,
): string[] {
  const { platform } = target
  const gyp = readGyp(readFileSync(path.join(tree.core, 'binding.gyp'), 'utf8'), platform)
  const extra = platform === 'win32' ? [tree.nodeApi] : []
  return [
    'cc',
    '-target',
    zigTarget(target),
    '-std=c11',
    '-Oz',
    '-s',
    '-shared',
    '-fvisibility=hidden',
    '-Wall',
    '-Wextra',
    '-Werror',
    ...gyp.defines.map((define) => `-D${define}`),
    ...platformFlags[platform],
    `-I${tree.headers}`,
    ...gyp.sources,
    ...extra,
    '-o',
    output,
  ]
}
