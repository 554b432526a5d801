import assert from 'node:assert/strict'
import { test } from 'node:test'
import { selectTargets } from '../../src/check/selection.js'
import { binaryTargets, targetName } from '../../src/targets.js'

function select(list: string): string[] {
  return selectTargets(list).map(targetName)
}

test('without a list, all', () => {
  assert.equal(selectTargets(), binaryTargets)
})

test('a target, a system with one processor, a system', () => {
  assert.deepEqual(select('linux-x64-musl'), ['linux-x64-musl'])
  assert.deepEqual(select('linux-arm64'), [
    'linux-arm64-glibc',
    'linux-arm64-musl',
    'linux-arm64-launcher',
    'linux-arm64-preload',
  ])
  assert.deepEqual(select('darwin'), ['darwin-x64', 'darwin-arm64'])
})

test('several, each once, in the usual order', () => {
  assert.deepEqual(select('darwin-x64,linux-x64-glibc,darwin'), [
    'linux-x64-glibc',
    'darwin-x64',
    'darwin-arm64',
  ])
})

test('what is not the beginning of a name, up to a dash, is refused', () => {
  for (const list of ['', 'linux-x6', 'x64', 'linux-x64,', 'linux-x64-glibc-', 'launcher', 'all']) {
    assert.throws(() => selectTargets(list), /^Error: --only: there is no target ".*"; there are /)
  }
})
