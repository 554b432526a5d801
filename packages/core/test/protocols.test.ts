/** Every kind of Node server shares its port, and serves on it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import tls from 'node:tls'
import { lacks, needs } from '@reuse/testkit'
import { setReuse } from '../src/index.js'
import { listening } from './listening.js'
import { fixtureSource } from './programs.js'
import { listenBesideStopped } from './waiting.js'

const key = fs.readFileSync(fixtureSource('localhost.key'))
const cert = fs.readFileSync(fixtureSource('localhost.crt'))

interface Kind {
  make(): net.Server
  /** Sends one request on a new connection, and returns the answer. */
  ask(port: number): Promise<string>
}

async function respond(response: http.ClientRequest): Promise<string> {
  const [message] = await once(response, 'response')
  return text(message)
}

async function askHttp2(url: string): Promise<string> {
  const session = http2.connect(url, { ca: cert })
  try {
    return await text(session.request({ ':path': '/' }))
  } finally {
    session.close()
  }
}

const kinds: Record<string, Kind> = {
  net: {
    make: () => net.createServer((socket) => socket.end('hello')),
    ask: (port) => text(net.connect(port, '127.0.0.1')),
  },
  tls: {
    make: () => tls.createServer({ key, cert }, (socket) => socket.end('hello')),
    ask: (port) => text(tls.connect({ port, host: 'localhost', ca: cert })),
  },
  http: {
    make: () => http.createServer((_, response) => response.end('hello')),
    ask: (port) => respond(http.get({ port, host: '127.0.0.1', agent: false })),
  },
  https: {
    make: () => https.createServer({ key, cert }, (_, response) => response.end('hello')),
    ask: (port) => respond(https.get({ port, host: 'localhost', ca: cert, agent: false })),
  },
  http2: {
    make: () => http2.createServer((_, response) => response.end('hello')),
    ask: (port) => askHttp2(`http://127.0.0.1:${port}`),
  },
  'http2 over TLS': {
    make: () => http2.createSecureServer({ key, cert }, (_, response) => response.end('hello')),
    ask: (port) => askHttp2(`https://localhost:${port}`),
  },
}

for (const [name, { make, ask }] of Object.entries(kinds)) {
  test(`${name}: two servers share one port and answer`, needs('sharing'), async (t) => {
    const connections = [0, 0]
    const servers = [make(), make()]
    let port = 0
    for (const [index, server] of servers.entries()) {
      setReuse(server)
      t.after(() => server.close())
      server.on('connection', () => {
        connections[index] = (connections[index] ?? 0) + 1
      })
      server.listen(port, '127.0.0.1')
      port = await listening(server)
    }
    for (let i = 0; i < 40; i++) assert.equal(await ask(port), 'hello')
    if (!lacks('balance')) assert.ok(connections.every((count) => count > 0))
    assert.equal(
      connections.reduce((sum, count) => sum + count),
      40,
    )
  })
}

for (const [name, { make, ask }] of Object.entries(kinds)) {
  test(`${name}: connections at a stopped member are served`, needs('holders'), async (t) => {
    const { port } = await listenBesideStopped(t, make())
    // Half of the connections go to the other member's listener.
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(port)))
    assert.deepEqual([...new Set(answers)], ['hello'])
  })
}
