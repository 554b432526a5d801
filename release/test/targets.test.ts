import assert from 'node:assert/strict'
import { test } from 'node:test'
import { binaryPath, binaryTargets, targetName } from '../src/targets.js'

test('there are eight targets, and each has a name and a file of its own', () => {
  assert.equal(binaryTargets.length, 8)
  assert.equal(new Set(binaryTargets.map(targetName)).size, 8)
  assert.equal(new Set(binaryTargets.map(binaryPath)).size, 8)
})

test('the files are named as node-gyp-build looks for them', () => {
  const paths = binaryTargets.map(binaryPath)
  assert.ok(paths.includes('linux-arm64/reuse.musl.node'))
  assert.ok(paths.includes('win32-x64/reuse.node'))
})
