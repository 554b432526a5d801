import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentFaults } from '../../src/packages/contents.js'
import { contracts, core } from '../../src/packages/contracts.js'
import { sourceMapFaults } from '../../src/packages/source-map.js'
import { publicPackages } from '../../src/publish/packages.js'
import { root } from '../../src/root.js'
import { binaryPath, binaryTargets } from '../../src/targets.js'

const [, express = core] = contracts
const files = [
  'LICENSE',
  'README.md',
  'dist/src/index.d.ts',
  'dist/src/index.js',
  'dist/src/index.js.map',
  'package.json',
]

test('every package that is published has a contract', () => {
  const published = publicPackages(root).map(({ name }) => name)
  assert.deepEqual(contracts.map(({ name }) => name).sort(), published.sort())
})

test('the right files are no fault, with a changelog or without', () => {
  assert.deepEqual(contentFaults(express, files, ['index.ts']), [])
  assert.deepEqual(contentFaults(express, [...files, 'CHANGELOG.md'], ['index.ts']), [])
})

for (const extra of [
  'dist/test/index.test.js',
  'src/index.ts',
  'dist/src/gone.js',
  'tsconfig.json',
  'prebuilds/linux-x64/reuse.glibc.node',
]) {
  test(`${extra} does not belong in an adapter`, () => {
    assert.deepEqual(contentFaults(express, [...files, extra], ['index.ts']), [
      `@reuse/express has ${extra}, which nobody asked for`,
    ])
  })
}

for (const missing of files) {
  test(`${missing} may not be missing`, () => {
    const rest = files.filter((file) => file !== missing)
    assert.deepEqual(contentFaults(express, rest, ['index.ts']), [
      `@reuse/express has no ${missing}`,
    ])
  })
}

test('core has all its binaries and the sources of its addon', () => {
  const faults = contentFaults(core, files, ['index.ts'], ['binding.c'])
  const binaries = binaryTargets.map((target) => `prebuilds/${binaryPath(target)}`)
  assert.deepEqual(
    faults,
    ['binding.gyp', 'native/binding.c', ...binaries].map((file) => `@reuse/core has no ${file}`),
  )
})

test('a source map has the text of its sources', () => {
  const map = { sources: ['../../src/a.ts'], sourcesContent: ['export {}'] }
  assert.deepEqual(sourceMapFaults('a.js.map', JSON.stringify(map)), [])
  const without = JSON.stringify({ sources: map.sources })
  assert.deepEqual(sourceMapFaults('a.js.map', without), [
    'a.js.map points to ../../src/a.ts, and does not have its text',
  ])
})
