import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { compilerRuns } from '../../src/binaries/compiler-arguments.js'
import { workspaceTree } from '../../src/binaries/source-tree.js'
import { type BinaryTarget, binaryOwner, binaryTargets, targetName } from '../../src/targets.js'

function runsFor(target: BinaryTarget): string[][] {
  return compilerRuns(target, workspaceTree, 'out')
}

/** The arguments of the compiler's first run, for most targets the only one. */
function argumentsFor(target: BinaryTarget): string[] {
  return runsFor(target)[0] ?? []
}

const addons = binaryTargets.filter(({ kind }) => kind === 'addon')
const launchers = binaryTargets.filter(({ kind }) => kind === 'launcher')

/** The C files that are compiled for a target, as paths. */
function sourcesFor(target: BinaryTarget): string[] {
  return argumentsFor(target)
    .filter((argument) => argument.endsWith('.c'))
    .map((file) => path.resolve(workspaceTree[binaryOwner(target)], file))
}

test('every addon is compiled for its own compiler target', () => {
  const names = addons.map((target) => argumentsFor(target)[2])
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

test('the launcher is linked statically with musl', () => {
  const given = launchers.map(argumentsFor)
  assert.deepEqual(
    given.map(([, , name]) => name),
    ['x86_64-linux-musl', 'aarch64-linux-musl'],
  )
  for (const each of given) {
    assert.ok(each.includes('-static'))
    assert.ok(!each.includes('-shared'))
  }
})

function preload(arch: BinaryTarget['arch']): BinaryTarget {
  return { kind: 'preload', platform: 'linux', arch }
}

test('the preload library is compiled with musl’s headers, and linked with no library', () => {
  const names = { x64: 'x86_64-linux-musl', arm64: 'aarch64-linux-musl' }
  for (const arch of ['x64', 'arm64'] as const) {
    const [compile = [], tried = [], link = [], ...rest] = runsFor(preload(arch))
    assert.deepEqual([compile[2], link[2]], [names[arch], names[arch]])
    assert.match(tried[2] ?? '', /^\w+-linux-gnu\.2\.17$/)
    assert.ok(tried.includes('-Wl,-z,defs'))
    assert.ok(compile.includes('-fvisibility=hidden'))
    assert.ok(compile.includes('preload/preload.c'))
    assert.deepEqual(link.slice(-5), ['-shared', '-nostdlib', compile.at(-1), '-o', 'out'])
    assert.deepEqual(rest, [])
  }
})

test('every source is compiled for some target', () => {
  const folders = [workspaceTree.core, workspaceTree.cli]
  const there = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) =>
      path.join(folder, file),
    ),
  )
  const compiled = new Set(binaryTargets.flatMap(sourcesFor))
  assert.deepEqual(
    [...compiled].sort(),
    [workspaceTree.nodeApi, ...there.filter((file) => file.endsWith('.c'))].sort(),
  )
})

test('the defines of binding.gyp reach the compiler', () => {
  for (const target of addons) {
    const given = argumentsFor(target)
    assert.ok(given.includes('-DNAPI_VERSION=8'), targetName(target))
    assert.equal(given.includes('-D_GNU_SOURCE'), target.platform === 'linux', targetName(target))
  }
})

test('the Windows binary looks up exactly the Node-API functions that it calls', () => {
  const files = sourcesFor({ kind: 'addon', platform: 'win32', arch: 'x64' })
  const own = files.filter((file) => file !== workspaceTree.nodeApi)
  const calls = own.flatMap((file) => readFileSync(file, 'utf8').match(/\bnapi_\w+(?=\()/g) ?? [])
  const listed = readFileSync(workspaceTree.nodeApi, 'utf8').match(/(?<=DO\()napi_\w+/g) ?? []
  assert.deepEqual(listed, [...new Set(calls)].sort())
})
