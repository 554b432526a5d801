/** Connecting from the port that the program listens on. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { freePort, needs } from '@reuse/testkit'
import { type ConnectOptions, connect } from '../src/index.js'
import { failure, listening, sharedServer } from './listening.js'

/** A server that answers each connection with the port that it comes from. */
async function echoPort(t: TestContext, host: string): Promise<number> {
  const server = net.createServer((socket) => socket.end(String(socket.remotePort)))
  t.after(() => server.close())
  server.listen(0, host)
  return listening(server)
}

for (const [host, target] of [
  ['127.0.0.1', '127.0.0.1'],
  ['::1', '::1'],
  ['127.0.0.1', 'localhost'],
  ['127.0.0.1', undefined],
] as const) {
  test(
    `connect() from a listening port to ${target ?? 'the default host'}`,
    needs('sharing'),
    async (t) => {
      const port = await echoPort(t, host)
      const { server } = sharedServer(t)
      server.listen(0)
      const localPort = await listening(server)

      const socket = connect({ port, localPort, ...(target && { host: target }) })
      assert.ok(socket instanceof net.Socket)
      assert.equal(socket.connecting, true)
      assert.equal(await text(socket), String(localPort))
    },
  )
}

test(
  'connect() uses one local port for two servers and two local addresses',
  needs('loopback'),
  async (t) => {
    const localPort = await freePort()
    const ports = [await echoPort(t, '127.0.0.1'), await echoPort(t, '127.0.0.1')]
    for (const port of ports) {
      for (const localAddress of ['127.0.0.1', '127.0.0.2']) {
        const socket = connect({ port, host: '127.0.0.1', localPort, localAddress })
        await once(socket, 'connect')
        assert.equal(socket.localAddress, localAddress)
        assert.equal(socket.localPort, localPort)
        assert.equal(await text(socket), String(localPort))
      }
    }
  },
)

test('data and end of stream travel both ways over connect()', async (t) => {
  const server = net.createServer((socket) => socket.pipe(socket))
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  const socket = connect({
    port: await listening(server),
    host: '127.0.0.1',
    localPort: await freePort(),
  })
  socket.write('early') // Before it is connected, as with net.connect.
  socket.end('late')
  assert.equal(await text(socket), 'earlylate')
})

test('connect() from a port that is held exclusively fails with EADDRINUSE', async (t) => {
  const holder = sharedServer(t, { exclusive: true }).server
  holder.listen(0, '127.0.0.1')
  const localPort = await listening(holder)
  const socket = connect({ port: 1, host: '127.0.0.1', localPort, localAddress: '127.0.0.1' })
  const { code, syscall, hint } = await failure(socket)
  assert.deepEqual({ code, syscall }, { code: 'EADDRINUSE', syscall: 'bind' })
  assert.match(hint ?? '', /does not share/)
})

test('connect() to a port where nobody listens fails with ECONNREFUSED', async () => {
  const [port, localPort] = [await freePort(), await freePort()]
  const socket = connect({ port, host: '127.0.0.1', localPort })
  assert.equal((await failure(socket)).code, 'ECONNREFUSED')
})

test('connect() to a host name that does not exist fails', async () => {
  const socket = connect({ port: 1, host: 'does-not-exist.invalid', localPort: await freePort() })
  assert.match((await failure(socket)).code ?? '', /ENOTFOUND|EAI_AGAIN/)
})

test('a socket that is destroyed during its name lookup closes', async () => {
  const socket = connect({ port: 1, host: 'localhost', localPort: await freePort() })
  socket.destroy()
  await once(socket, 'close')
})

test('connect() refuses options that make no sense', () => {
  const refused: [object, RegExp][] = [
    [{ port: 1 }, /"localPort" is missing/],
    [{ localPort: 1 }, /"port" is missing/],
    [{ port: 0, localPort: 1 }, /from 1 to 65535, got 0/],
    [{ port: 1, localPort: 65536 }, /from 1 to 65535, got 65536/],
    [{ port: 1, localPort: 1, hots: '' }, /unknown option "hots"; did you mean "host"/],
    [{ port: 1, localPort: 1, localAddress: 'localhost' }, /must be an IP address/],
    [
      { port: 1, localPort: 1, host: '::1', localAddress: '127.0.0.1' },
      /different address families/,
    ],
  ]
  for (const [options, message] of refused) {
    assert.throws(() => connect(options as ConnectOptions), message)
  }
})
