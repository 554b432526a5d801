import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lacks } from '@reuse/testkit'
import { capabilities, peers, setReuse } from '../src/index.js'
import { native } from '../src/socket/native.js'

test('the sharing option in capabilities works on this system', (t) => {
  assert.ok(capabilities.sharing)
  const socket = native.open('tcp', 4)
  t.after(() => native.close(socket))
  setReuse(socket)
  assert.ok(capabilities.option)
  assert.notEqual(native.getOption(socket, capabilities.option), 0)
})

test('peers() works, or is refused', { skip: capabilities.peers && lacks('peers') }, async () => {
  if (capabilities.peers) await peers({ port: 1 })
  else await assert.rejects(peers({ port: 1 }), { code: 'ERR_REUSE_UNSUPPORTED' })
})

test('getQueue() gives the limit of a queue, or fails where the system has none', (t) => {
  for (const protocol of ['tcp', 'udp'] as const) {
    const socket = native.open(protocol, 4)
    t.after(() => native.close(socket))
    native.bind(socket, '127.0.0.1', 0)
    if (protocol === 'tcp') native.listen(socket, 7)
    if (lacks('queue')) assert.throws(() => native.getQueue(socket), { syscall: /getsockopt/ })
    else assert.ok(native.getQueue(socket).limit >= 7)
  }
})

test('capabilities are frozen', () => {
  assert.ok(Object.isFrozen(capabilities) && Object.isFrozen(capabilities.connections))
})

test('setting an option that this system lacks is an error', (t) => {
  const socket = native.open('tcp', 4)
  t.after(() => native.close(socket))
  const foreign = process.platform === 'win32' ? 'SO_REUSEPORT' : 'SO_EXCLUSIVEADDRUSE'
  assert.throws(() => native.setOption(socket, foreign, 1), { syscall: 'setsockopt' })
})
