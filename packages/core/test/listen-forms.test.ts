/** `server.listen` keeps every form that Node accepts. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { needs } from '@reuse/testkit'
import { setReuse } from '../src/index.js'
import { failure, listening, sharedServer } from './listening.js'

/** Listens in one form, and lets a second server join in the same form: only a shared port allows it. */
async function assertShared(t: TestContext, listen: (server: net.Server, port: number) => void) {
  const { server } = sharedServer(t)
  listen(server, 0)
  const port = await listening(server)
  const joiner = sharedServer(t).server
  listen(joiner, port)
  assert.equal(await listening(joiner), port)
  assert.deepEqual(joiner.address(), server.address())
  return server
}

test('listen(port) shares the port on `::`', needs('sharing'), async (t) => {
  const server = await assertShared(t, (server, port) => server.listen(port))
  assert.equal((server.address() as net.AddressInfo).address, '::')
})

test('listen(port, host) shares the port on that host', needs('sharing'), async (t) => {
  const server = await assertShared(t, (server, port) => server.listen(port, '127.0.0.1'))
  assert.equal((server.address() as net.AddressInfo).address, '127.0.0.1')
})

test('listen(port, host, backlog, callback) uses all arguments', needs('queue'), async (t) => {
  const { server, member } = sharedServer(t)
  const called = new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', 7, function (this: net.Server) {
      assert.equal(this, server)
      resolve()
    })
  })
  await called
  assert.equal(member.queue().limit, 7)
})

test('listen(port, callback) and listen(callback) call back', needs('sharing'), async (t) => {
  const { server } = sharedServer(t)
  await new Promise<void>((resolve) => server.listen(0, resolve))
  const port = await listening(server)
  await new Promise<void>((resolve) => sharedServer(t).server.listen(port, resolve))
  await new Promise<void>((resolve) => sharedServer(t).server.listen(resolve))
})

test('listen({ port, host, backlog }) uses that backlog', needs('queue'), async (t) => {
  const { server, member } = sharedServer(t)
  server.listen({ port: 0, host: '127.0.0.1', backlog: 9 })
  await listening(server)
  assert.equal(member.queue().limit, 9)
})

test('listen() takes the port as a string, and shares it', needs('sharing'), async (t) => {
  await assertShared(t, (server, port) => server.listen(String(port) as unknown as number))
})

test('listen() takes no port, null and undefined for port 0', async (t) => {
  for (const args of [[], [null], [{ port: undefined }], [{ port: null }]]) {
    const { server } = sharedServer(t)
    Reflect.apply(server.listen, server, args)
    assert.ok((await listening(server)) > 0)
  }
})

test('a backlog that is no integer is converted as in plain Node', needs('queue'), async (t) => {
  for (const [backlog, limit] of [
    ['511', 511],
    [true, 1],
    [1.5, 1],
  ] as const) {
    const { server, member } = sharedServer(t)
    server.listen({ port: 0, host: '127.0.0.1', backlog: backlog as number })
    await listening(server)
    assert.equal(member.queue().limit, limit)
  }
})

test('a backlog beyond 31 bits listens, as in plain Node', needs('negativeBacklog'), async (t) => {
  for (const backlog of [2 ** 31, 2 ** 32 + 5]) {
    const { server } = sharedServer(t)
    server.listen({ port: 0, host: '127.0.0.1', backlog })
    assert.ok((await listening(server)) > 0)
  }
})

test('the short address 127.1 is shared as 127.0.0.1', needs('sharing', 'loopback'), async (t) => {
  const server = await assertShared(t, (server, port) => server.listen(port, '127.1'))
  assert.equal((server.address() as net.AddressInfo).address, '127.0.0.1')
})

test('listen() leaves the program’s options object unchanged', async (t) => {
  const options = Object.freeze({ port: 0, host: '127.0.0.1', backlog: 5 })
  const { server } = sharedServer(t)
  server.listen(options)
  assert.ok((await listening(server)) > 0)
  assert.deepEqual(options, { port: 0, host: '127.0.0.1', backlog: 5 })
})

test("the name 'localhost' is looked up", needs('sharing'), async (t) => {
  const server = await assertShared(t, (server, port) => server.listen(port, 'localhost'))
  assert.match((server.address() as net.AddressInfo).address, /^(127\.0\.0\.1|::1)$/)
})

test('listen() on a host name that does not exist fails', async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, 'does-not-exist.invalid')
  assert.match((await failure(server)).code ?? '', /ENOTFOUND|EAI_AGAIN/)
})

test(
  'the port of listen(0) is known at once, and a second member can join it',
  needs('sharing'),
  async (t) => {
    const { server } = sharedServer(t)
    server.listen(0)
    const { port } = server.address() as net.AddressInfo // Without waiting, as in plain Node.
    const joiner = sharedServer(t).server
    joiner.listen(port)
    assert.equal(await listening(joiner), port)
  },
)

test('a server on `::` takes IPv4 connections unless it is ipv6Only', async (t) => {
  const dual = sharedServer(t).server
  dual.listen(0, '::')
  const port = await listening(dual)
  net.connect(port, '127.0.0.1').end()
  await once(dual, 'connection')

  const six = sharedServer(t).server
  six.listen({ port: 0, host: '::', ipv6Only: true })
  const client = net.connect(await listening(six), '127.0.0.1')
  assert.equal((await failure(client)).code, 'ECONNREFUSED')
})

test('an AbortSignal closes the server before and after it listens', async (t) => {
  for (const early of [true, false]) {
    const { server, member } = sharedServer(t)
    const controller = new AbortController()
    server.listen({ port: 0, signal: controller.signal })
    const closed = once(server, 'close')
    if (!early) await listening(server)
    controller.abort()
    await closed
    assert.equal(server.listening, false)
    assert.equal(member.address(), null)
  }
})

test('a close while the name is looked up ends as it does in plain Node', async (t) => {
  const plain = net.createServer()
  t.after(() => plain.close())
  const { server, member } = sharedServer(t)
  for (const each of [plain, server]) {
    each.listen(0, 'localhost')
    each.close()
  }
  const later = sharedServer(t).server
  later.listen(0, 'localhost')
  await listening(later)
  assert.equal(server.listening, plain.listening)
  assert.equal(member.address() !== null, plain.listening)
})

test('a server on a path works as in plain Node, without a group', async (t) => {
  const { server, member } = sharedServer(t)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  const pipe = `\\\\.\\pipe\\${path.basename(folder)}`
  const file = process.platform === 'win32' ? pipe : path.join(folder, 'socket')
  server.listen(file)
  await once(server, 'listening')
  assert.equal(server.address(), file)
  assert.equal(member.address(), null)
  assert.throws(() => member.queue(), /not listening on a port|needs Linux/)
  await assert.rejects(member.peers(), { code: 'ERR_REUSE_NOT_LISTENING' })
})

test('listen() on another server as handle works as in plain Node, without a group', async (t) => {
  const owner = net.createServer().listen(0, '127.0.0.1')
  t.after(() => owner.close())
  const port = await listening(owner)
  const { server, member } = sharedServer(t)
  server.listen(owner)
  assert.equal(await listening(server), port)
  assert.equal(member.address(), null)
})

test('listen() refuses what Node refuses, with the same error codes', (t) => {
  const { server } = sharedServer(t)
  assert.throws(() => server.listen(65536), { code: 'ERR_SOCKET_BAD_PORT' })
  assert.throws(() => server.listen({}), { code: 'ERR_INVALID_ARG_VALUE' })
  assert.throws(() => server.listen({ port: 'x' as unknown as number }), {
    code: 'ERR_SOCKET_BAD_PORT',
  })
  server.listen(0)
  assert.throws(() => server.listen(0), { code: 'ERR_SERVER_ALREADY_LISTEN' })
})

test('a server listens again after its close, and shares again', needs('sharing'), async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0)
  const port = await listening(server)
  server.close()
  await once(server, 'close')
  assert.equal(member.address(), null)

  const other = sharedServer(t).server
  other.listen(port)
  await listening(other)
  server.listen(port)
  await listening(server)
  assert.deepEqual(member.address(), server.address())
})

test('unref() before listen() keeps its effect', async (t) => {
  const { server } = sharedServer(t)
  server.unref()
  server.listen(0)
  await listening(server)
  const handle: unknown = Reflect.get(server, '_handle')
  assert.equal((handle as { hasRef(): boolean }).hasRef(), false)
})

test('a server that already listens can be shared', needs('afterListen', 'peers'), async (t) => {
  const server = net.createServer((socket) => socket.end('first'))
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  const port = await listening(server)

  const refused = sharedServer(t).server
  refused.listen(port, '127.0.0.1')
  assert.equal((await failure(refused)).code, 'EADDRINUSE')

  const member = setReuse(server)
  assert.deepEqual(member.address(), server.address())
  const joiner = sharedServer(t).server
  joiner.listen(port, '127.0.0.1')
  await listening(joiner)
  assert.equal((await member.peers()).length, 2)
})

test('listen(0) never gets a port that is already shared', async (t) => {
  const ports = new Set<number>()
  for (let i = 0; i < 200; i++) {
    const { server } = sharedServer(t)
    server.listen(0, '127.0.0.1')
    ports.add(await listening(server))
  }
  assert.equal(ports.size, 200)
})
