import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectTargets } from '../../src/check/selection.js'
import { binaryTargets, targetName } from '../../src/targets.js'

function select(list: string): string[] {
  return selectTargets(list).map(targetName)
}

test('without a list, all targets are selected', () => {
  assert.equal(selectTargets(), binaryTargets)
})

test('targets are selected by full name, by system and processor, or by system', () => {
  assert.deepEqual(select('linux-x64-musl'), ['linux-x64-musl'])
  assert.deepEqual(select('linux-arm64'), [
    'linux-arm64-glibc',
    'linux-arm64-musl',
    'linux-arm64-launcher',
    'linux-arm64-preload',
  ])
  assert.deepEqual(select('darwin'), ['darwin-x64', 'darwin-arm64'])
})

test('several selected targets come once each, in the usual order', () => {
  assert.deepEqual(select('darwin-x64,linux-x64-glibc,darwin'), [
    'linux-x64-glibc',
    'darwin-x64',
    'darwin-arm64',
  ])
})

test('a target that is not the start of a name up to a dash is refused', () => {
  for (const list of ['', 'linux-x6', 'x64', 'linux-x64,', 'linux-x64-glibc-', 'launcher', 'all']) {
    assert.throws(() => selectTargets(list), /^Error: --only: there is no target ".*"; there are /)
  }
})
