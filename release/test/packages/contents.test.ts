import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentFaults, permissionFaults } from '../../src/packages/contents.js'
import { cli, contracts, core } from '../../src/packages/contracts.js'
import { sourceMapFaults } from '../../src/packages/source-map.js'
import { publicPackages } from '../../src/publish/packages.js'
import { root } from '../../src/root.js'
import { binaryPath, binaryTargets } from '../../src/targets.js'

const [, express = core] = contracts
const files = [
  'LICENSE',
  'README.md',
  'dist/bundle/index.d.ts',
  'dist/bundle/index.js',
  'dist/bundle/index.js.map',
  'package.json',
]

test('every package that is published has a contract', () => {
  const published = publicPackages(root).map(({ name }) => name)
  assert.deepEqual(contracts.map(({ name }) => name).sort(), published.sort())
})

test('the expected files are accepted, with or without a changelog', () => {
  assert.deepEqual(contentFaults(express, files), [])
  assert.deepEqual(contentFaults(express, [...files, 'CHANGELOG.md']), [])
})

for (const extra of [
  'dist/test/index.test.js',
  'src/index.ts',
  'dist/bundle/gone.js',
  'dist/src/index.js',
  'tsconfig.json',
  'prebuilds/linux-x64/reuse.glibc.node',
]) {
  test(`${extra} in an adapter package is a fault`, () => {
    assert.deepEqual(contentFaults(express, [...files, extra]), [
      `@reuse/express has ${extra}, which is not expected`,
    ])
  })
}

for (const missing of files) {
  test(`an adapter package without ${missing} is a fault`, () => {
    const rest = files.filter((file) => file !== missing)
    assert.deepEqual(contentFaults(express, rest), [`@reuse/express has no ${missing}`])
  })
}

test('core must contain shared bundles, all its binaries and its addon’s sources', () => {
  const faults = contentFaults(core, files, ['binding.c', 'binding.gyp'])
  const bundled = [
    'dist/bundle/group.d.ts',
    'dist/bundle/register.d.ts',
    'dist/bundle/group.js',
    'dist/bundle/group.js.map',
    'dist/bundle/register.js',
    'dist/bundle/register.js.map',
    'dist/bundle/build.js',
    'dist/bundle/build.js.map',
    'dist/bundle/shared.js',
    'dist/bundle/shared.js.map',
  ]
  const addons = binaryTargets.filter(({ kind }) => kind === 'addon')
  const binaries = addons.map((target) => `prebuilds/${binaryPath(target)}`)
  assert.deepEqual(
    faults,
    [...bundled, 'native/binding.c', 'native/binding.gyp', ...binaries].map(
      (file) => `@reuse/core has no ${file}`,
    ),
  )
})

const launchers = ['prebuilds/linux-x64/reuse-exec', 'prebuilds/linux-arm64/reuse-exec']
const preloads = ['prebuilds/linux-x64/reuse-preload.so', 'prebuilds/linux-arm64/reuse-preload.so']
const ofCommand = [
  'LICENSE',
  'README.md',
  'dist/bundle/apps.js',
  'dist/bundle/apps.js.map',
  'dist/bundle/cluster/preload.js',
  'dist/bundle/cluster/preload.js.map',
  'dist/bundle/exec/helper.js',
  'dist/bundle/exec/helper.js.map',
  'dist/bundle/main.js',
  'dist/bundle/main.js.map',
  'dist/bundle/on-demand.js',
  'dist/bundle/on-demand.js.map',
  'dist/bundle/screen.js',
  'dist/bundle/screen.js.map',
  'dist/bundle/server.js',
  'dist/bundle/server.js.map',
  'dist/bundle/service.js',
  'dist/bundle/service.js.map',
  'dist/bundle/shared.js',
  'dist/bundle/shared.js.map',
  'dist/bundle/supervise.d.ts',
  'dist/bundle/supervise.js',
  'dist/bundle/supervise.js.map',
  'dist/bundle/threads/host.js',
  'dist/bundle/threads/host.js.map',
  'dist/bundle/threads/preload.js',
  'dist/bundle/threads/preload.js.map',
  'package.json',
  'reuse.config.schema.json',
  ...launchers,
  ...preloads,
]

test('the cli package must contain program, helper, launchers and preload libraries', () => {
  assert.deepEqual(contentFaults(cli, ofCommand), [])
  assert.deepEqual(contentFaults(cli, [...ofCommand.slice(0, -1), 'native/main.c']), [
    '@reuse/cli has no prebuilds/linux-arm64/reuse-preload.so',
    '@reuse/cli has native/main.c, which is not expected',
  ])
})

test('programs and launchers must be executable by everybody', () => {
  const programs = ['dist/bundle/main.js', ...launchers]
  assert.deepEqual(permissionFaults(cli, programs), [])
  assert.deepEqual(permissionFaults(cli, programs.slice(0, -1)), [
    '@reuse/cli: not everybody may execute prebuilds/linux-arm64/reuse-exec',
  ])
  assert.deepEqual(permissionFaults(cli, launchers), [
    '@reuse/cli: not everybody may execute dist/bundle/main.js',
  ])
  assert.deepEqual(permissionFaults(core, []), [])
})

test('a source map without the text of its sources is a fault', () => {
  const map = { sources: ['../../src/a.ts'], sourcesContent: ['export {}'] }
  assert.deepEqual(sourceMapFaults('a.js.map', JSON.stringify(map)), [])
  const without = JSON.stringify({ sources: map.sources })
  assert.deepEqual(sourceMapFaults('a.js.map', without), [
    'a.js.map points to ../../src/a.ts, and does not have its text',
  ])
})
