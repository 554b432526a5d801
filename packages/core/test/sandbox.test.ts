/** Where a sandbox hides the group, a server serves all the same, and says what it cannot do. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { needs } from '@reuse/testkit'
import { type Addon, native } from '../src/native.js'
import { listening, sharedServer } from './listening.js'
import { startMember } from './programs.js'

/** Lets a call of the addon fail as a kernel that forbids it does. */
function forbid(t: TestContext, name: keyof Addon): void {
  t.mock.method(native, name, () => {
    throw Object.assign(new Error('forbidden'), { errno: 1, syscall: name })
  })
}

test('the kernel does not list sockets', needs('peers'), async (t) => {
  forbid(t, 'list')
  const { server, member } = sharedServer(t)
  const warned = once(process, 'warning')
  server.listen(0, '127.0.0.1')
  await listening(server)
  const [warning] = await warned
  assert.equal(warning.code, 'REUSE_NOT_ARRANGED')
  assert.match(warning.message, /cannot see its group/)
  await assert.rejects(member.steer('random'), { code: 'ERR_REUSE_UNSUPPORTED' })
  const { lossless, reason } = await member.leave()
  assert.deepEqual({ lossless, reason }, { lossless: false, reason: 'unsupported' })
  assert.equal(server.listening, false)
})

test('the kernel takes no program', needs('steering'), async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  await startMember(t, { port: await listening(server) }).hear('ready')
  forbid(t, 'attachFilter')
  await assert.rejects(member.steer({ weights: [1, 2] }), { code: 'EPERM', hint: /refuses/ })
  const { lossless, reason } = await member.leave()
  assert.deepEqual({ lossless, reason }, { lossless: false, reason: 'unsupported' })
  assert.equal(server.listening, false)
})

test('what waits is accepted all the same before the close', needs('steering'), async (t) => {
  const { server, member } = sharedServer(t)
  server.on('connection', (socket) => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  await startMember(t, { port }).hear('ready')
  forbid(t, 'attachFilter')
  const clients = Array.from({ length: 20 }, () => native.open('tcp', 4))
  t.after(() => {
    for (const client of clients) native.close(client)
  })
  for (const client of clients) native.connect(client, '127.0.0.1', port)
  const { length } = member.queue()
  assert.ok(length > 0)
  const { drained } = await member.leave()
  assert.ok(drained >= length, `${drained} of ${length}`)
})
