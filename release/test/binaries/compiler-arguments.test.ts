import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { compilerArguments } from '../../src/binaries/compiler-arguments.js'
import { workspaceTree } from '../../src/binaries/source-tree.js'
import { type BinaryTarget, binaryTargets, targetName } from '../../src/targets.js'

function argumentsFor(target: BinaryTarget): string[] {
  return compilerArguments(target, workspaceTree, 'out/reuse.node')
}

/** The C files that are compiled for a target, as paths. */
function sourcesFor(target: BinaryTarget): string[] {
  return argumentsFor(target)
    .filter((argument) => argument.endsWith('.c'))
    .map((file) => path.resolve(workspaceTree.core, file))
}

test('every target has a name of its own for the compiler', () => {
  const names = binaryTargets.map((target) => argumentsFor(target)[2])
  assert.deepEqual(names, [
    'x86_64-linux-gnu.2.17',
    'aarch64-linux-gnu.2.17',
    'x86_64-linux-musl',
    'aarch64-linux-musl',
    'x86_64-windows-gnu',
    'aarch64-windows-gnu',
    'x86_64-macos.11.0',
    'aarch64-macos.11.0',
  ])
})

test('every source is compiled for some target', () => {
  const folder = path.join(workspaceTree.core, 'native')
  const there = readdirSync(folder).map((file) => path.join(folder, file))
  const compiled = new Set(binaryTargets.flatMap(sourcesFor))
  assert.deepEqual(
    [...compiled].sort(),
    [workspaceTree.nodeApi, ...there.filter((file) => file.endsWith('.c'))].sort(),
  )
})

test('the defines of binding.gyp reach the compiler', () => {
  for (const target of binaryTargets) {
    const given = argumentsFor(target)
    assert.ok(given.includes('-DNAPI_VERSION=8'), targetName(target))
    assert.equal(given.includes('-D_GNU_SOURCE'), target.platform === 'linux', targetName(target))
  }
})

test("Windows' binary looks up the functions of Node-API that it calls, and no others", () => {
  const files = sourcesFor({ platform: 'win32', arch: 'x64' })
  const own = files.filter((file) => file !== workspaceTree.nodeApi)
  const calls = own.flatMap((file) => readFileSync(file, 'utf8').match(/\bnapi_\w+(?=\()/g) ?? [])
  const listed = readFileSync(workspaceTree.nodeApi, 'utf8').match(/(?<=DO\()napi_\w+/g) ?? []
  assert.deepEqual(listed, [...new Set(calls)].sort())
})
