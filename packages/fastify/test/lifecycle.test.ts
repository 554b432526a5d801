/** The plugin in the life of an application: registered, never listening, failing, closing. */
import assert from 'node:assert/strict'
import { channel } from 'node:diagnostics_channel'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { afterEach, type TestContext, test } from 'node:test'
import { capabilities, type Member } from '@reuse/core'
import byDefault, { memberOf, reuse } from '@reuse/fastify'
import { countAnswers, freePort, request } from '@reuse/testkit'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'

const host = '127.0.0.1'

afterEach(() => {
  const { hasSubscribers } = channel('tracing:net.server.listen:asyncStart')
  assert.equal(hasSubscribers, false, 'the plugin still watches for servers')
})

test('the default export is the named one', () => {
  assert.equal(byDefault, reuse)
})

test('app.reuse is the member of the main server', async (t) => {
  const app = create(t)
  await app.register(reuse)

  const member: Member = app.reuse

  assert.equal(member, memberOf(app.server))
  assert.equal(member.address(), null)
})

test('reuse works in nested plugins', { skip: !balances() && 'it does not balance' }, async (t) => {
  const [first, second] = ['first', 'second'].map((answer) => {
    const app = create(t)
    app.register(async (inner) => {
      await inner.register(reuse)
      inner.get('/', () => answer)
    })
    return app
  })
  assert.ok(first && second)
  await first.listen({ port: 0, host })
  const port = portOf(first)

  await second.listen({ port, host })

  assert.deepEqual(
    new Set((await countAnswers({ port }, 100)).keys()),
    new Set(['first', 'second']),
  )
  assert.equal(first.hasDecorator('reuse'), false)
})

test('registering the plugin twice is a clear error', async (t) => {
  const app = create(t)
  await app.register(reuse)

  const again = async () => app.register(reuse)

  await assert.rejects(again, {
    name: 'ReuseError',
    code: 'ERR_REUSE_ALREADY_SHARED',
    hint: 'Call it once, in one place; memberOf returns its member.',
  })
})

test('options of register() are accepted, unknown ones are refused', async (t) => {
  const app = create(t)
  await app.register(reuse, {
    prefix: '/v1',
    logLevel: 'warn',
    logSerializers: { user: String },
    leaveTimeout: 10,
  })
  const misspelt = Object.fromEntries([['prefixes', '/v1']])

  const another = async () => create(t).register(reuse, misspelt)

  await assert.rejects(another, { name: 'TypeError', message: /unknown option "prefixes"/ })
})

test('app.inject works and never listens', async (t) => {
  const app = create(t)
  await app.register(reuse)
  app.get('/', () => 'injected')

  const { body } = await app.inject('/')

  assert.equal(body, 'injected')
  assert.equal(app.reuse.address(), null)
})

test('app.close works before listen', async (t) => {
  const app = create(t)
  await app.register(reuse)
  await app.ready()

  await app.close()

  assert.equal(app.reuse.address(), null)
})

test('an application that fails to become ready does not listen', async (t) => {
  const port = await freePort()
  const app = create(t)
  app.register(reuse)
  app.register(async () => {
    throw new Error('no database')
  })

  await assert.rejects(app.listen({ port, host }), { message: 'no database' })

  await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
})

test('after a listen fails on a held port, another port can be used', async (t) => {
  const stranger = net.createServer().listen(0, host)
  t.after(() => stranger.close())
  await once(stranger, 'listening')
  const app = create(t)
  await app.register(reuse)
  app.get('/', () => 'answer')
  await assert.rejects(app.listen({ port: portOf({ server: stranger }), host }), {
    code: 'EADDRINUSE',
  })

  await app.listen({ port: 0, host })

  assert.equal(await request({ port: portOf(app) }), 'answer')
  assert.deepEqual(app.reuse.address(), app.server.address())
})

test('an aborted signal closes the application', async (t) => {
  const controller = new AbortController()
  const app = create(t)
  await app.register(reuse)
  await app.listen({ port: 0, host, signal: controller.signal })
  const port = portOf(app)

  controller.abort()
  await once(app.server, 'close')

  await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  assert.equal(app.reuse.address(), null)
})

test('another server that begins to listen meanwhile is not shared', async (t) => {
  const other = http.createServer()
  t.after(() => other.close())
  const app = create(t)
  await app.register(reuse)
  app.server.once('listening', () => other.listen(0, host))

  await app.listen({ port: 0, host })

  if (!other.listening) await once(other, 'listening')
  assert.equal(memberOf(other), undefined)
})

test('the server of a serverFactory is shared and answers', async (t) => {
  const app = create(t, { serverFactory: (handler) => http.createServer(handler) })
  await app.register(reuse)
  app.get('/', () => 'answer')

  await app.listen({ port: 0 })

  assert.equal(await request({ port: portOf(app) }), 'answer')
  assert.deepEqual(app.reuse.address(), app.server.address())
})

function create(t: TestContext, options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options)
  t.after(() => app.close())
  return app
}

function balances(): boolean {
  return capabilities.connections.exact === 'balanced'
}

function portOf({ server }: { server: net.Server }): number {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}
