import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { TestContext } from 'node:test'

/** A server that ends with the test and counts its connections. */
export async function serve(t: TestContext, listener: RequestListener) {
  let count = 0
  const server = createServer(listener).on('connection', () => count++)
  server.listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, connections: () => count }
}
