/** Seeing the group. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { test } from 'node:test'
import { needs } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { listening, sharedServer } from './listening.js'
import { fixtureFile, startGroup, startMember, startPython } from './programs.js'

test('a member sees the whole group from inside, itself marked', needs('peers'), async (t) => {
  const { port, members } = await startGroup(t, 3)
  for (const member of members) {
    const group = await member.ask<Awaited<ReturnType<typeof peers>>>('peers')
    assert.deepEqual(new Set(group.map(({ pid }) => pid)), new Set(members.map(({ pid }) => pid)))
    assert.deepEqual(
      group.filter(({ self }) => self).map(({ pid }) => pid),
      [member.pid],
    )
    for (const peer of group) {
      assert.equal(peer.port, port)
      assert.equal(peer.address, '127.0.0.1')
      assert.equal(peer.uid, process.getuid?.())
      assert.equal(peer.program, `node ${fixtureFile('member.js').pathname}`)
      assert.deepEqual(peer.queue, { length: 0, limit: 511 })
    }
  }
})

test('peers() lists a port, one address of it, or one host name', needs('peers'), async (t) => {
  const { port } = await startGroup(t, 2)
  const elsewhere = net.createServer().listen(port, '127.0.0.2')
  t.after(() => elsewhere.close())
  await listening(elsewhere)
  assert.equal((await peers({ port })).length, 3)
  assert.equal((await peers({ port, host: '127.0.0.1' })).length, 2)
  assert.equal((await peers({ port, host: 'localhost' })).length, 2)
  assert.equal((await peers({ port, host: '::ffff:127.0.0.9' })).length, 0)
  const own = (await peers({ port })).filter(({ self }) => self)
  assert.deepEqual(
    own.map(({ address }) => address),
    ['127.0.0.2'],
  )
})

test(
  '0.0.0.0, 127.0.0.1 and ipv6Only `::` are groups of their own on one port',
  needs('peers'),
  async (t) => {
    const wildcard = sharedServer(t)
    wildcard.server.listen(0, '0.0.0.0')
    const port = await listening(wildcard.server)
    const exact = sharedServer(t)
    exact.server.listen(port, '127.0.0.1')
    await listening(exact.server)
    const six = sharedServer(t)
    six.server.listen({ port, host: '::', ipv6Only: true })
    await listening(six.server)
    for (const { member } of [wildcard, exact, six]) {
      assert.deepEqual(
        (await member.peers()).map(({ self }) => self),
        [true],
      )
    }
  },
)

test(
  'peers() shows the uid of another user’s program, but not its pid or name',
  needs('peers', 'python'),
  async (t) => {
    if (process.getuid?.() !== 0) return t.skip('only root can start a program of another user')
    const python = startPython(t, 0)
    const { port } = await python.hear<{ port: number }>('ready')
    const observer = startMember(t, { port: 0, uid: 65534 })
    await observer.hear('ready')
    const seen = await observer.ask<Awaited<ReturnType<typeof peers>>>('peersOf', port)
    assert.equal(seen.length, 1)
    const { pid, program, uid, self } = seen[0] ?? {}
    assert.deepEqual({ pid, program, uid, self }, { pid: null, program: null, uid: 0, self: false })
  },
)

test(
  'connections that nobody accepts wait in the queue, up to its limit',
  needs('queue', 'python'),
  async (t) => {
    const { server, member } = sharedServer(t)
    server.listen({ port: 0, host: '127.0.0.1', backlog: 3 })
    const port = await listening(server)
    // The kernel completes the handshakes; this thread accepts when it returns to its event loop.
    const client = `import socket; all = [socket.create_connection(("127.0.0.1", ${port})) for _ in range(3)]`
    execFileSync('python3', ['-c', client])
    assert.deepEqual(member.queue(), { length: 3, limit: 3 })
    await once(server, 'connection')
  },
)

test(
  'before it listens and after its close a member has no group',
  needs('peers', 'queue'),
  async (t) => {
    const { server, member } = sharedServer(t)
    const none = { code: 'ERR_REUSE_NOT_LISTENING' }
    assert.equal(member.address(), null)
    assert.throws(() => member.queue(), none)
    await assert.rejects(member.peers(), none)
    server.listen(0)
    await listening(server)
    assert.equal((await member.peers()).length, 1)
    server.close()
    assert.equal(member.address(), null)
    assert.throws(() => member.queue(), none)
    await assert.rejects(member.peers(), none)
  },
)

test('peers() of a port that nobody holds is empty', needs('peers'), async () => {
  assert.deepEqual(await peers({ port: 1 }), [])
})
