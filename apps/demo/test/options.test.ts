import assert from 'node:assert/strict'
import test from 'node:test'
import { readOptions, UsageError } from '../src/options.js'

test('PORT must be an integer from 1 to 65535, or absent', () => {
  for (const text of ['1', '3000', '65535']) {
    assert.equal(readOptions([], { PORT: text }).port, Number(text))
  }
  assert.equal('port' in readOptions([], {}), false)
  assert.equal('port' in readOptions([], { PORT: '' }), false)
  for (const text of ['0', '65536', '-1', '3e3', '0x50', '80.5', ' 80', 'http']) {
    assert.throws(() => readOptions([], { PORT: text }), UsageError, text)
  }
})

test('the flags --once and -h are read', () => {
  assert.deepEqual(readOptions([], {}), { once: false, help: false })
  assert.deepEqual(readOptions(['--once'], {}), { once: true, help: false })
  assert.deepEqual(readOptions(['-h'], {}), { once: false, help: true })
})
