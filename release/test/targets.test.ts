import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binaryFile, binaryOwners, binaryPath, binaryTargets, targetName } from '../src/targets.js'

test('there are 8 addons, 2 launchers and 2 preload libraries, with unique names and files', () => {
  const count = (kind: string) => binaryTargets.filter((target) => target.kind === kind).length
  assert.equal(count('addon'), 8)
  assert.equal(count('launcher'), 2)
  assert.equal(count('preload'), 2)
  assert.equal(new Set(binaryTargets.map(targetName)).size, 12)
  assert.equal(new Set(binaryTargets.map(binaryFile)).size, 12)
})

test('addon files are named as node-gyp-build expects', () => {
  const paths = binaryTargets.map(binaryPath)
  assert.ok(paths.includes('linux-arm64/reuse.musl.node'))
  assert.ok(paths.includes('win32-x64/reuse.node'))
})

test('launchers and preload libraries are where the command looks, in its own package', () => {
  const files = binaryTargets.map(binaryFile).filter((file) => file.startsWith('cli/'))
  assert.deepEqual(files, [
    'cli/prebuilds/linux-x64/reuse-exec',
    'cli/prebuilds/linux-arm64/reuse-exec',
    'cli/prebuilds/linux-x64/reuse-preload.so',
    'cli/prebuilds/linux-arm64/reuse-preload.so',
  ])
})

test('packages with binaries are listed once each', () => {
  assert.deepEqual(binaryOwners, ['core', 'cli'])
})
