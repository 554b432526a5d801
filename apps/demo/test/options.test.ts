import assert from 'node:assert/strict'
import test from 'node:test'
import { readOptions, UsageError } from '../src/options.js'

test('PORT is a whole port number, or absent', () => {
  for (const text of ['1', '3000', '65535']) {
    assert.equal(readOptions([], { PORT: text }).port, Number(text))
  }
  assert.equal('port' in readOptions([], {}), false)
  assert.equal('port' in readOptions([], { PORT: '' }), false)
  for (const text of ['0', '65536', '-1', '3e3', '0x50', '80.5', ' 80', 'http']) {
    assert.throws(() => readOptions([], { PORT: text }), UsageError, text)
  }
})

test('the two flags', () => {
  assert.deepEqual(readOptions([], {}), { once: false, help: false })
  assert.deepEqual(readOptions(['--once'], {}), { once: true, help: false })
  assert.deepEqual(readOptions(['-h'], {}), { once: false, help: true })
})
