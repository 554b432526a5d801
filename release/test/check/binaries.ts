import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'

const require = createRequire(import.meta.url)

/** A binary of the package bufferutil, which node-gyp has built on the target system itself. */
export function bufferutil(folder: string): Buffer {
  const root = path.dirname(require.resolve('bufferutil/package.json'))
  return readFileSync(path.join(root, 'prebuilds', folder, 'bufferutil.node'))
}

/** Why tests that compile are skipped, if they are. */
export const skipWithoutElf = process.platform !== 'linux' && 'only a compiler on Linux makes ELF'

export const goodSource = 'void* napi_register_module_v1(void* e, void* x) { (void)e; return x; }'

/** Compiles a library for this machine's Linux that needs no other library. */
export function compileLibrary(t: TestContext, source: string, ...flags: string[]): Buffer {
  const folder = temporaryFolder(t)
  writeFileSync(path.join(folder, 'library.c'), source)
  const base = ['-shared', '-fPIC', '-nostdlib', '-O1', '-o', 'library.so', 'library.c']
  execFileSync('cc', [...base, ...flags], { cwd: folder })
  return readFileSync(path.join(folder, 'library.so'))
}

/** Compiles a program for this machine's Linux, which is never run. */
export function compileProgram(t: TestContext, ...flags: string[]): Buffer {
  const folder = temporaryFolder(t)
  writeFileSync(path.join(folder, 'program.c'), 'int main(void) { return 0; }')
  execFileSync('cc', ['-o', 'program', 'program.c', ...flags], { cwd: folder })
  return readFileSync(path.join(folder, 'program'))
}

/** A library that needs a glibc that this machine does not have: the linker gets a made-up one. */
export function compileAgainstGlibc(t: TestContext, version: string): Buffer {
  const folder = temporaryFolder(t)
  writeFileSync(path.join(folder, 'versions'), `GLIBC_${version} { global: fresh; };`)
  const script = `-Wl,--version-script=${path.join(folder, 'versions')}`
  const libc = compileLibrary(t, 'void fresh(void) {}', '-Wl,-soname,libc.so.6', script)
  const file = path.join(folder, 'libc.so.6')
  writeFileSync(file, libc)
  return compileLibrary(t, `void fresh(void); void use(void) { fresh(); } ${goodSource}`, file)
}

/** A folder laid out as `packages/`. */
export function layOut(t: TestContext, files: Record<string, Buffer | string>): string {
  const folder = temporaryFolder(t)
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  return folder
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'reuse-check-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
