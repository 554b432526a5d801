import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { BinaryTarget } from '../targets.js'
import { readGyp } from './gyp.js'
import type { SourceTree } from './source-tree.js'

const cpus = { x64: 'x86_64', arm64: 'aarch64' }

/** Zig's name for a target, with the oldest version of the system that it has to run on. */
export function zigTarget({ platform, arch, libc }: Omit<BinaryTarget, 'kind'>): string {
  const system = {
    // Musl is also the C library that the launcher contains. With its headers, the preload library needs
    // nothing that glibc does not have too: no versions, no names of its own.
    linux: libc === 'glibc' ? 'linux-gnu.2.17' : 'linux-musl',
    win32: 'windows-gnu',
    darwin: 'macos.11.0',
  }
  return `${cpus[arch]}-${system[platform]}`
}

const platformFlags = {
  // Before glibc 2.34, threads are in a separate library.
  // A thread may still be running the addon's code when the last environment that loaded it ends.
  linux: ['-fPIC', '-lpthread', '-Wl,-z,nodelete'],
  win32: [
    // Node-API's functions are defined in the addon itself: see node_api_windows.c.
    '-DNAPI_EXTERN=',
    '-lws2_32',
  ],
  darwin: [
    '-Wl,-undefined,dynamic_lookup',
    // Otherwise, its own name would be the path at which it is built.
    '-Wl,-install_name,@rpath/reuse.node',
  ],
}

/**
 * The arguments for `zig` that build a binary: one list for each run, in the folder of the package's
 * sources. Other files that Zig makes are beside the output.
 */
export function compilerRuns(target: BinaryTarget, tree: SourceTree, output: string): string[][] {
  const to = (file: string, args: readonly string[], as = target) => [
    'cc',
    '-target',
    zigTarget(as),
    '-std=c11',
    '-Oz',
    '-s',
    '-Wall',
    '-Wextra',
    '-Werror',
    ...args,
    '-o',
    file,
  ]
  switch (target.kind) {
    case 'addon':
      return [to(output, addonArguments(tree, target))]
    case 'launcher':
      return [to(output, launcherArguments(tree))]
    case 'preload': {
      // Zig provides no headers when it links without a C library, so linking is a separate run.
      const compiled = `${output}.o`
      return [
        to(compiled, ['-r', ...preloadArguments(tree)]),
        // Only to check that the oldest glibc has all that it needs, because the names have no versions.
        to(`${output}.glibc`, ['-shared', '-Wl,-z,defs', compiled], { ...target, libc: 'glibc' }),
        to(output, ['-shared', '-nostdlib', compiled]),
      ]
    }
  }
}

function addonArguments(tree: SourceTree, { platform }: BinaryTarget): string[] {
  const gyp = readGyp(readFileSync(path.join(tree.core, 'binding.gyp'), 'utf8'), platform)
  const extra = platform === 'win32' ? [tree.nodeApi] : []
  return [
    '-shared',
    '-fvisibility=hidden',
    ...gyp.defines.map((define) => `-D${define}`),
    ...platformFlags[platform],
    `-I${tree.headers}`,
    ...gyp.sources,
    ...extra,
  ]
}

/** One file that runs on every Linux: it needs no library, so it fits every C library. */
function launcherArguments(tree: SourceTree): string[] {
  const sources = readdirSync(tree.cli).filter((file) => file.endsWith('.c'))
  return ['-static', ...sources.sort()]
}

/** The library takes everything from the program's C library, and exports only what it replaces. */
function preloadArguments(tree: SourceTree): string[] {
  const sources: string[] = JSON.parse(
    readFileSync(path.join(tree.cli, 'preload/sources.json'), 'utf8'),
  )
  return ['-fPIC', '-fvisibility=hidden', ...sources]
}
