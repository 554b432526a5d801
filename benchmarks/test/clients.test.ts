/** Every load generator, against servers that answer correctly and servers that do not. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { autocannonClient } from '../src/client/autocannon.js'
import { compileClient } from '../src/client/compiled-client.js'
import { connectingClient } from '../src/client/connecting-client.js'
import { findWrk } from '../src/client/wrk.js'

interface Served {
  port: number
  connections: number
  requests: number
}

async function serve(t: TestContext, listener: RequestListener): Promise<Served> {
  const served: Served = { port: 0, connections: 0, requests: 0 }
  const server = http.createServer((request, response) => {
    served.requests++
    listener(request, response)
  })
  server.on('connection', () => served.connections++)
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  served.port = (server.address() as AddressInfo).port
  return served
}

const load = { clients: 4, seconds: 0.3, threads: 2 }
const hello: RequestListener = (_, response) => response.end('hello')

const clients = {
  'wrk keeps its connections': { client: findWrk(), kept: true, missing: 'wrk is not installed' },
  'autocannon keeps its connections': { client: autocannonClient, kept: true },
  'clients.c makes new connections': {
    client: await compileClient('new'),
    kept: false,
    missing: 'no C compiler, or no Linux',
  },
  'clients.c keeps its connections': {
    client: await compileClient('kept'),
    kept: true,
    missing: 'no C compiler, or no Linux',
  },
  'JavaScript makes new connections': { client: connectingClient, kept: false },
}

for (const [name, { client, kept, ...rest }] of Object.entries(clients)) {
  const skip = client === null && 'missing' in rest ? rest.missing : false

  test(name, { skip }, async (t) => {
    assert.ok(client)
    const [one, other] = [await serve(t, hello), await serve(t, hello)]
    const target = { host: '127.0.0.1', ports: [one.port, other.port] }
    const { requests, seconds } = await client.run(target, load)
    assert.ok(seconds > 0.2, `${seconds} s`)
    const served = one.requests + other.requests
    // What is under way at the end is served, but not counted.
    assert.ok(requests > 0 && requests <= served && requests >= served - 2 * load.clients)
    for (const { connections, requests } of [one, other]) {
      assert.ok(requests > load.clients)
      // wrk tries each address once before it begins.
      if (kept) assert.ok(connections <= load.clients + 1, `${connections} connections`)
      else assert.ok(Math.abs(connections - requests) <= load.clients)
    }
  })

  test(`${name}, and reports a wrong status`, { skip }, async (t) => {
    assert.ok(client)
    const { port } = await serve(t, (_, response) =>
      response.writeHead(500, { 'content-length': 5 }).end('hello'),
    )
    const run = client.run({ host: '127.0.0.1', ports: [port] }, load)
    await assert.rejects(run, /failed requests: \d+ (status|of another status|wrong)/)
  })

  test(`${name}, and reports a connection that ends before the answer`, { skip }, async (t) => {
    assert.ok(client)
    let count = 0
    const { port } = await serve(t, (request, response) => {
      if (++count % 10 === 0) request.socket.resetAndDestroy()
      else response.end('hello')
    })
    await assert.rejects(
      client.run({ host: '127.0.0.1', ports: [port] }, load),
      /failed requests: \d+ (read|errors|timeouts|ECONNRESET)/,
    )
  })
}
