import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ResponseReader } from '../src/load/response.js'

const kept = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello'
const last = 'HTTP/1.1 503 Service Unavailable\r\nconnection: Close\r\ncontent-length: 0\r\n\r\n'

test('a response tells its status, and whether the connection ends', () => {
  assert.deepEqual(new ResponseReader().read(kept), { status: 200, close: false })
  assert.deepEqual(new ResponseReader().read(last), { status: 503, close: true })
})

test('a response is complete with its last character, and not before', () => {
  for (let cut = 1; cut < kept.length; cut++) {
    const reader = new ResponseReader()
    assert.equal(reader.read(kept.slice(0, cut)), null)
    assert.equal(reader.started, true)
    assert.deepEqual(reader.read(kept.slice(cut)), { status: 200, close: false })
    assert.equal(reader.started, false)
  }
})

test('one response comes after the other', () => {
  const reader = new ResponseReader()
  assert.equal(reader.read(kept)?.close, false)
  assert.equal(reader.read(last)?.close, true)
})

test('what is no response is refused', () => {
  assert.throws(() => new ResponseReader().read('hello\r\n\r\n'), /does not tell its length/)
  assert.throws(() => new ResponseReader().read('x\r\ncontent-length: 0\r\n\r\n'), /no response/)
})
