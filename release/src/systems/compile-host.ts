import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { zigTarget } from '../binaries/compiler-arguments.js'
import { workspaceTree } from '../binaries/source-tree.js'
import { findZig } from '../binaries/zig.js'
import { root } from '../root.js'
import type { BinaryTarget } from '../targets.js'
import { cache } from './cache.js'

/** Compiles a program of `native/`, which uses the system's C library, and resolves with its path. */
export async function compileHost(
  name: string,
  arch: BinaryTarget['arch'],
  libc: NonNullable<BinaryTarget['libc']>,
): Promise<string> {
  const zig = await findZig(path.join(root, 'node_modules/.cache/zig'))
  const program = path.join(cache, `${name}-${arch}-${libc}`)
  const { headers } = workspaceTree
  const system = zigTarget({ platform: 'linux', arch, libc })
  const target = ['-target', system, '-dynamic', '-rdynamic']
  // Without Zig's own checks, which need a newer musl than Debian's.
  const flags = ['-std=c11', '-Wall', '-O1', '-fno-sanitize=all', '-I', headers]
  const source = path.join(root, `release/native/${name}.c`)
  mkdirSync(cache, { recursive: true })
  execFileSync(zig.program, ['cc', ...target, ...flags, source, '-o', program], { env: zig.env })
  return program
}
