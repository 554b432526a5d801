/** Whatever a Fastify application speaks, on one address and on both of localhost. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import https from 'node:https'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { capabilities, type Member } from '@reuse/core'
import reuse from '@reuse/fastify'
import Fastify from 'fastify'
import { loopback, needsBoth, resolveLocalhostToBoth } from './localhost.js'

resolveLocalhostToBoth()

const fixture = (name: string) => new URL(`../../test/fixtures/${name}`, import.meta.url)
const key = readFileSync(fixture('localhost.key'))
const cert = readFileSync(fixture('localhost.crt'))
const tls = { ca: cert, servername: 'localhost' }
const skip = capabilities.connections.exact === 'balanced' ? needsBoth.skip : 'it does not balance'

/** What all Fastify applications have, whatever their server. */
interface Application {
  get(path: string, handler: () => string): unknown
  listen(options: { port: number }): Promise<string>
  close(): Promise<unknown>
  reuse: Member
}

interface Protocol {
  create(): Application
  ask(host: string, port: number): Promise<string>
}

const protocols: Record<string, Protocol> = {
  http: {
    create: () => Fastify().register(reuse),
    ask: (host, port) => read(http.get({ host, port, agent: false })),
  },
  https: {
    create: () => Fastify({ https: { key, cert } }).register(reuse),
    ask: (host, port) => read(https.get({ host, port, agent: false, ...tls })),
  },
  'http2 without TLS': {
    create: () => Fastify({ http2: true }).register(reuse),
    ask: (host, port) => ask2(http2.connect(`http://${bracketed(host)}:${port}`)),
  },
  'http2 with TLS': {
    create: () => Fastify({ http2: true, https: { key, cert } }).register(reuse),
    ask: (host, port) => ask2(http2.connect(`https://${bracketed(host)}:${port}`, tls)),
  },
}

for (const [name, { create, ask }] of Object.entries(protocols)) {
  test(`${name}: two applications answer on both addresses of localhost`, { skip }, async (t) => {
    const port = await start(t, create(), 'first', 0)
    assert.equal(await start(t, create(), 'second', port), port)

    for (const host of loopback) {
      const answers = new Set<string>()
      for (let request = 0; request < 60; request++) answers.add(await ask(host, port))
      assert.deepEqual(answers, new Set(['first', 'second']))
    }
  })
}

/** Listens on both addresses of localhost; returns the port. */
async function start(t: TestContext, app: Application, answer: string, port: number) {
  t.after(() => app.close())
  app.get('/', () => answer)
  await app.listen({ port })
  return app.reuse.address()?.port ?? 0
}

async function read(request: http.ClientRequest): Promise<string> {
  const [response] = await once(request, 'response')
  return text(response)
}

async function ask2(session: http2.ClientHttp2Session): Promise<string> {
  try {
    return await text(session.request({ ':path': '/' }))
  } finally {
    session.close()
  }
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
