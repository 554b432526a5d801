import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findZig } from '../../binaries/zig.js'
import { root } from '../../root.js'
import { cache } from '../cache.js'

const require = createRequire(import.meta.url)
const processors = { x64: 'x86_64', arm64: 'aarch64' } as const

/** Compiles the program that loads a binary for musl, and gives its path. */
export async function compileHost(arch: keyof typeof processors): Promise<string> {
  const zig = await findZig(path.join(root, 'node_modules/.cache/zig'))
  const program = path.join(cache, `musl-host-${arch}`)
  const headers = path.join(path.dirname(require.resolve('node-api-headers')), 'include')
  const target = ['-target', `${processors[arch]}-linux-musl`, '-dynamic', '-rdynamic']
  // Without Zig's own checks, which want a newer musl than Debian's.
  const flags = ['-std=c11', '-Wall', '-O1', '-fno-sanitize=all', '-I', headers]
  const source = path.join(root, 'release/native/musl_host.c')
  execFileSync(zig.program, ['cc', ...target, ...flags, source, '-o', program], { env: zig.env })
  return program
}
