import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { findZig } from '../binaries/zig.js'
import { root } from '../root.js'
import { cache } from './cache.js'

const require = createRequire(import.meta.url)
const processors = { x64: 'x86_64', arm64: 'aarch64' } as const
const libraries = { glibc: 'gnu.2.17', musl: 'musl' } as const

/** Compiles a program of `native/`, which uses the system's C library, and resolves with its path. */
export async function compileHost(
  name: string,
  arch: keyof typeof processors,
  libc: keyof typeof libraries,
): Promise<string> {
  const zig = await findZig(path.join(root, 'node_modules/.cache/zig'))
  const program = path.join(cache, `${name}-${arch}-${libc}`)
  const headers = path.join(path.dirname(require.resolve('node-api-headers')), 'include')
  const system = `${processors[arch]}-linux-${libraries[libc]}`
  const target = ['-target', system, '-dynamic', '-rdynamic']
  // Without Zig's own checks, which need a newer musl than Debian's.
  const flags = ['-std=c11', '-Wall', '-O1', '-fno-sanitize=all', '-I', headers]
  const source = path.join(root, `release/native/${name}.c`)
  mkdirSync(cache, { recursive: true })
  execFileSync(zig.program, ['cc', ...target, ...flags, source, '-o', program], { env: zig.env })
  return program
}
