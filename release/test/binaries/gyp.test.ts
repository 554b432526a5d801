import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readGyp } from '../../src/binaries/gyp.js'

/** A binding.gyp with this as its only target. */
function gyp(target: object): string {
  return JSON.stringify({ targets: [target] })
}

test('settings outside conditions apply to every system, in order', () => {
  const text = gyp({ target_name: 'x', sources: ['a.c', 'b.c'], defines: ['A=1'], cflags: ['-O9'] })
  for (const platform of ['linux', 'win32', 'darwin'] as const) {
    assert.deepEqual(readGyp(text, platform), { sources: ['a.c', 'b.c'], defines: ['A=1'] })
  }
})

test('conditions are evaluated per system, with else and nested', () => {
  const text = gyp({
    sources: ['all.c'],
    conditions: [
      ["OS=='win'", { sources: ['windows.c'] }, { defines: ['UNIX'], sources: ['unix.c'] }],
      ["OS=='linux'", { defines: ['LINUX'] }],
      ["OS=='win'", {}, { conditions: [["OS=='mac'", { sources: ['mac.c'] }]] }],
    ],
  })
  assert.deepEqual(readGyp(text, 'win32'), { sources: ['all.c', 'windows.c'], defines: [] })
  assert.deepEqual(readGyp(text, 'linux'), {
    sources: ['all.c', 'unix.c'],
    defines: ['UNIX', 'LINUX'],
  })
  assert.deepEqual(readGyp(text, 'darwin'), {
    sources: ['all.c', 'unix.c', 'mac.c'],
    defines: ['UNIX'],
  })
})

test('unknown syntax in binding.gyp is refused, not skipped', () => {
  const read = (target: object) => () => readGyp(gyp(target), 'linux')
  assert.throws(read({ conditions: [["target_arch=='x64'", {}]] }), /"target_arch=='x64'"/)
  assert.throws(read({ conditions: [["OS=='win' or OS=='mac'", {}]] }), /cannot evaluate/)
  assert.throws(read({ conditions: [["OS=='win'", {}, {}, {}]] }), /cannot evaluate/)
  assert.throws(read({ conditions: [["OS=='linux'"]] }), /expected an object, found undefined/)
  assert.throws(read({ sources: 'a.c' }), /expected a list, found "a.c"/)
  assert.throws(read({ sources: ['<!(ls)'] }), /expected a plain text, found "<!\(ls\)"/)
  assert.throws(read({ 'sources!': ['a.c'] }), /"sources!"/)
  assert.throws(() => readGyp('{ "targets": [] }', 'linux'), /expected one target/)
})
