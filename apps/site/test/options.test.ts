import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from '../src/options.js'

test('the options --serve, --port and --to are read', () => {
  assert.deepEqual(readOptions([]), { help: false, serve: false, record: false, preview: false })
  assert.deepEqual(readOptions(['--serve', '--port', '0']), {
    help: false,
    serve: true,
    record: false,
    preview: false,
    port: 0,
  })
  assert.deepEqual(readOptions(['--to', 'x']), {
    help: false,
    serve: false,
    record: false,
    preview: false,
    to: 'x',
  })
})

test('contradictory or unknown options are refused', () => {
  assert.throws(() => readOptions(['--port', '1']), /--port is for --serve/)
  assert.throws(() => readOptions(['--serve', '--port', '65536']), /from 0 to 65535, got "65536"/)
  assert.throws(() => readOptions(['--serve', '--to', 'x']), /--to is for a build/)
  assert.throws(() => readOptions(['--record', '--serve']), /--record cannot be combined/)
  assert.throws(() => readOptions(['--preview', '--record']), /--record cannot be combined/)
  assert.throws(() => readOptions(['--preview', '--to', 'x']), /--preview cannot be combined/)
  assert.throws(() => readOptions(['--nonsense']), { name: 'TypeError' })
})
