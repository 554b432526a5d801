/** The load generator against servers that fail: what it counts is what happened. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { Load, type LoadReport, type LoadSettings } from '../src/load/load.js'
import { loopback } from '../src/network/loopback.js'

const response = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'

/**
 * Runs a load until there was enough of it, against a server that handles each request by `answer`, and
 * counts them from 1.
 */
async function measure(
  t: TestContext,
  settings: LoadSettings,
  enough: () => boolean,
  answer: (connection: net.Socket, count: number, request: string) => void,
): Promise<LoadReport> {
  let count = 0
  const server = net.createServer((connection) => {
    connection.on('error', () => {})
    connection.setEncoding('latin1')
    connection.on('data', (request: string) => answer(connection, ++count, request))
  })
  t.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await using load = await Load.start(process.execPath, loopback(), address.port, settings)
  while (!enough()) await once(server, 'connection', { signal: AbortSignal.timeout(10_000) })
  return await load.stop()
}

test('every new connection is answered or counted as failed', async (t) => {
  const cut = { reset: 0, closed: 0, half: 0 }
  const { newConnections } = await measure(
    t,
    { rate: 500, keepAliveClients: 0 },
    () => true,
    (connection, count) => {
      if (count === 3) {
        cut.reset++
        connection.resetAndDestroy()
      } else if (count === 5) {
        cut.closed++
        connection.end()
      } else if (count === 7 || count === 8) {
        cut.half++
        connection.end(response.slice(0, -1))
      } else {
        connection.end(response)
      }
    },
  )
  assert.deepEqual(cut, { reset: 1, closed: 1, half: 2 })
  assert.deepEqual(newConnections.failed, {
    'ECONNRESET before the response': 1,
    'closed before the response': 1,
    'closed in the response': 2,
  })
  assert.equal(newConnections.connections, newConnections.answered + 4)
  assert.ok(newConnections.answered >= 100)
})

test('a keep-alive client stays until it is told to close, and does not retry', async (t) => {
  const perConnection = new Map<net.Socket, number>()
  const reset = new Set<net.Socket>()
  const { keepAlive, newConnections } = await measure(
    t,
    { rate: 100, keepAliveClients: 8 },
    () => Math.max(...perConnection.values()) >= 3,
    (connection, _, text) => {
      const request = (perConnection.get(connection) ?? 0) + 1
      if (text.includes('connection: close')) {
        connection.end(response)
        return
      }
      perConnection.set(connection, request)
      if (request === 2 && reset.size === 0) {
        reset.add(connection)
        connection.resetAndDestroy()
      } else if (request === 3) {
        connection.end(response.replace('\r\n', '\r\nconnection: close\r\n'))
      } else {
        connection.write(response)
      }
    },
  )
  assert.deepEqual(newConnections.failed, {})
  assert.equal(reset.size, 1)
  assert.deepEqual(keepAlive.failed, { 'ECONNRESET before the response': 1 })
  assert.equal(Math.max(...perConnection.values()), 3)
})
