import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResponseReader } from '../src/load/response.js'

const kept = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello'
const last = 'HTTP/1.1 503 Service Unavailable\r\nconnection: Close\r\ncontent-length: 0\r\n\r\n'

test('the reader of responses gives the status and whether the connection ends', () => {
  assert.deepEqual(new ResponseReader().read(kept), { status: 200, close: false })
  assert.deepEqual(new ResponseReader().read(last), { status: 503, close: true })
})

test('a response is complete at its last character, and not before', () => {
  for (let cut = 1; cut < kept.length; cut++) {
    const reader = new ResponseReader()
    assert.equal(reader.read(kept.slice(0, cut)), null)
    assert.equal(reader.started, true)
    assert.deepEqual(reader.read(kept.slice(cut)), { status: 200, close: false })
    assert.equal(reader.started, false)
  }
})

test('the reader of responses reads several, one after another', () => {
  const reader = new ResponseReader()
  assert.equal(reader.read(kept)?.close, false)
  assert.equal(reader.read(last)?.close, true)
})

test('text that is not an HTTP response with a length is refused', () => {
  assert.throws(() => new ResponseReader().read('hello\r\n\r\n'), /does not state its length/)
  assert.throws(() => new ResponseReader().read('x\r\ncontent-length: 0\r\n\r\n'), /not a response/)
})
