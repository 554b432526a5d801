/** Where a sandbox hides the group, a server still serves, and says what it cannot do. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import os from 'node:os'
import { test } from 'node:test'
import { countAnswers, needs } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { native } from '../src/socket/native.js'
import { breakCall } from './broken-call.js'
import { listening, sharedServer, until } from './listening.js'
import { startMember, startPython } from './programs.js'

const needsHolders = needs('holders')

const { EPERM, EMFILE, EADDRINUSE } = os.constants.errno

test(
  'where the kernel does not list sockets, members still hold each other',
  needsHolders,
  async (t) => {
    breakCall(t, 'list', EPERM)
    const { server, member } = sharedServer(t)
    server.listen(0, '127.0.0.1')
    await startMember(t, { port: await listening(server) }).hear('ready')
    await assert.rejects(member.steer('random'), { code: 'EPERM' })
    const { lossless, successors } = await member.leave()
    assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
    assert.equal(server.listening, false)
  },
)

test('where the kernel refuses the option that shares a port, the error says so', async (t) => {
  t.mock.method(native, 'setOption', () => {
    const errno = os.constants.errno.ENOPROTOOPT
    throw Object.assign(new Error('forbidden'), { errno, syscall: 'setsockopt' })
  })
  const { server } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const [{ code, message }] = await once(server, 'error').catch((error) => [error])
  assert.equal(code, 'ENOPROTOOPT')
  const [first, second] = message.split('\n')
  assert.equal(first, 'listen ENOPROTOOPT: protocol not available 127.0.0.1')
  assert.match(second, /a sandbox \(seccomp\), refuses a socket option/)
})

test('if the kernel takes no filter, steer() fails and leave() works', needsHolders, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  await startMember(t, { port: await listening(server) }).hear('ready')
  breakCall(t, 'attachFilter', EPERM)
  await assert.rejects(member.steer({ weights: [1, 2] }), {
    code: 'EPERM',
    hint: /refused the filter/,
  })
  const { lossless } = await member.leave()
  assert.equal(lossless, true)
})

for (const [what, call, errno, expected] of [
  ['the kernel takes no filter', 'attachFilter', EPERM, 'unsupported'],
  ['no descriptor is left', 'duplicate', EMFILE, 'unsupported'],
  ['no port is left to connect from', 'bind', EADDRINUSE, 'unknown-position'],
] as const) {
  test(`leave() beside strangers is lossy where ${what}`, needs('holders', 'python'), async (t) => {
    const { server, member } = sharedServer(t, { leaveTimeout: 500 })
    server.listen(0, '127.0.0.1')
    await startPython(t, await listening(server), 'share').hear('ready')
    breakCall(t, call, errno)
    const { lossless, reason } = await member.leave()
    assert.deepEqual({ lossless, reason }, { lossless: false, reason: expected })
    assert.equal(server.listening, false)
  })
}

test(
  'where members cannot have names, a server still serves, and warns of it',
  needsHolders,
  async (t) => {
    breakCall(t, 'openEndpoint', EPERM)
    const { server, member } = sharedServer(t, {}, 'alone')
    const warned = once(process, 'warning')
    server.listen(0, '127.0.0.1')
    const port = await listening(server)
    const [warning] = await warned
    assert.equal(warning.code, 'REUSE_NOT_PRESENT')
    assert.match(warning.message, /cannot see this member/)
    assert.deepEqual([...(await countAnswers({ port }, 10))], [['alone', 10]])
    assert.equal((await member.leave()).lossless, true)
  },
)

test('a member without a descriptor left for a duplicate warns of it', needsHolders, async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const { receive } = native
  t.mock.method(native, 'receive', (socket: number) => {
    const received = receive(socket)
    if (received === null) return null
    if (received.attached !== null) native.close(received.attached)
    return { ...received, cut: received.attached !== null, attached: null }
  })
  const warned = once(process, 'warning')
  const other = startMember(t, { port })
  await other.hear('ready')
  const [warning] = await warned
  assert.equal(warning.code, 'REUSE_NO_DESCRIPTORS')
  // A listener that nobody holds is emptied before it closes, as beside programs without @reuse.
  const { lossless, successors } = await other.ask<LeaveReport>('leave')
  assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
  await until(() => native.list('tcp', port).length === 1)
})
