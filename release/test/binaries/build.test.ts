import assert from 'node:assert/strict'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { buildBinaries } from '../../src/binaries/build.js'
import { compareFolders } from '../../src/binaries/reproduce.js'
import { workspaceTree } from '../../src/binaries/source-tree.js'
import { selectTargets } from '../../src/check/selection.js'

const skip = process.platform === 'win32' && 'a script is no program on Windows'

/** A folder with a program in place of the compiler: a script that has the output's path in $output. */
function prepare(t: TestContext, script: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'reuse-build-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const program = path.join(folder, 'compiler')
  const last = '#!/bin/sh\nfor output; do :; done\n'
  writeFileSync(program, last + script, { mode: 0o755 })
  const cache = mkdtempSync(path.join(folder, 'cache-'))
  return { zig: { program, env: process.env, cache }, packages: path.join(folder, 'packages') }
}

test('binaries are built where packages look for them, and nothing else', { skip }, async (t) => {
  const { zig, packages } = prepare(t, 'echo binary > "$output"; echo stray > "$output.lib"')
  await buildBinaries(selectTargets('win32-x64,linux-arm64'), zig, workspaceTree, packages)
  const files = readdirSync(packages, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(packages, path.join(entry.parentPath, entry.name)))
  assert.deepEqual(files.sort(), [
    'cli/prebuilds/linux-arm64/reuse-exec',
    'cli/prebuilds/linux-arm64/reuse-preload.so',
    'core/prebuilds/linux-arm64/reuse.glibc.node',
    'core/prebuilds/linux-arm64/reuse.musl.node',
    'core/prebuilds/win32-x64/reuse.node',
  ])
  assert.deepEqual(readdirSync(zig.cache), [])
})

test('the launcher is executable, whatever mode the compiler gave it', { skip }, async (t) => {
  const { zig, packages } = prepare(t, 'echo binary > "$output"; chmod 600 "$output"')
  await buildBinaries(selectTargets('linux-x64-launcher'), zig, workspaceTree, packages)
  const { mode } = statSync(path.join(packages, 'cli/prebuilds/linux-x64/reuse-exec'))
  assert.equal(mode & 0o777, 0o755)
})

test('a build that fails says why, and leaves the old binary as it was', { skip }, async (t) => {
  const { zig, packages } = prepare(t, 'echo old > "$output"')
  const target = selectTargets('darwin-arm64')
  await buildBinaries(target, zig, workspaceTree, packages)

  const broken = prepare(t, 'echo half > "$output"; echo "no such type" >&2; exit 1')
  await assert.rejects(
    buildBinaries(target, broken.zig, workspaceTree, packages),
    /^Error: darwin-arm64 was not built: .*no such type/s,
  )
  const file = path.join(packages, 'core/prebuilds/darwin-arm64/reuse.node')
  assert.equal(readFileSync(file, 'utf8'), 'old\n')
  assert.deepEqual(readdirSync(broken.zig.cache), [])
})

test('the error names a compiler that does not exist', async (t) => {
  const { zig, packages } = prepare(t, '')
  const missing = { ...zig, program: '/nowhere/zig' }
  await assert.rejects(
    buildBinaries(selectTargets('linux-x64-musl'), missing, workspaceTree, packages),
    /linux-x64-musl was not built: spawn \/nowhere\/zig ENOENT/,
  )
  assert.equal(existsSync(packages), false)
})

test('compareFolders reports where two builds differ', { skip }, async (t) => {
  const one = prepare(t, 'echo same > "$output"')
  const other = prepare(t, 'echo same, and more > "$output"')
  const targets = selectTargets('darwin-x64')
  await buildBinaries(targets, one.zig, workspaceTree, one.packages)
  await buildBinaries(targets, other.zig, workspaceTree, other.packages)
  const files = ['core/prebuilds/darwin-x64/reuse.node']
  assert.deepEqual(compareFolders(one.packages, one.packages, files), [])
  assert.deepEqual(compareFolders(one.packages, other.packages, files), [
    'core/prebuilds/darwin-x64/reuse.node: two builds made different files, of 5 and 15 bytes; the first difference is at byte 4.',
  ])
})
