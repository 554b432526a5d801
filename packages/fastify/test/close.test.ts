/** `app.close()` is the framework's own, and the application has left its group before it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { capabilities, peers } from '@reuse/core'
import { type ReuseOptions, reuse } from '@reuse/fastify'
import { restartUnderLoad } from '@reuse/testkit'
import Fastify, { type FastifyInstance } from 'fastify'
import { fastifyHarness } from './harness.js'
import { needsBoth, resolveLocalhostToBoth } from './localhost.js'

resolveLocalhostToBoth()

const host = '127.0.0.1'
const needsLeave = {
  skip: !capabilities.steering && 'this system cannot leave without a loss',
  timeout: 60_000,
}

/** Longer than a test may take: what waits for it fails. */
const never = 600_000

test(
  'without the plugin Fastify’s 503 reaches clients that others could serve',
  needsLeave,
  async (t) => {
    // The contract checks that it does not with the plugin.
    const program = new URL('./fixtures/core-only.js', import.meta.url)

    const seen = await restartUnderLoad({ ...fastifyHarness, program }, t, (one) =>
      one.ask('close'),
    )

    assert.ok((seen.newConnections.failed['HTTP 503'] ?? 0) > 0)
  },
)

/** The ways to close; each resolves with what can be observed. */
const ways: Record<string, (app: FastifyInstance) => Promise<unknown>> = {
  'close()': (app) => app.close(),
  'close(callback)': (app) =>
    new Promise((resolve) => {
      const returned: unknown = app.close((...args: unknown[]) => {
        resolve({ args, returnsItself: returned === app })
      })
    }),
  'close(3)': async (app) => {
    assert.throws(() => Reflect.apply(app.close, app, [3]), { code: 'AVV_ERR_CALLBACK_NOT_FN' })
    await app.close()
  },
  'close() twice': (app) => Promise.all([app.close(), app.close()]),
  'close(), and again later': async (app) => [await app.close(), await app.close()],
  'await using': (app) => app[Symbol.asyncDispose](),
}

for (const [way, close] of Object.entries(ways)) {
  test(`${way}: closes as without the plugin`, async (t) => {
    const own = create(t, null)
    await listen(own.app)
    const alone = create(t)
    const port = await listen(alone.app)
    const expected = [await close(own.app), own.hooks]

    assert.deepEqual([await close(alone.app), alone.hooks], expected)

    const member = create(t)
    await listen(member.app, { port })
    await listen(create(t).app, { port })
    assert.deepEqual([await close(member.app), member.hooks], expected)
  })

  test(`${way} before any listen: closes as without the plugin`, async (t) => {
    const own = create(t, null)
    const shared = create(t)

    const expected = [await close(own.app), own.hooks]
    assert.deepEqual([await close(shared.app), shared.hooks], expected)
  })
}

for (const way of ['close', 'an aborted signal']) {
  test(`${way}: the member has left before the first hook runs`, needsLeave, async (t) => {
    const { app } = create(t)
    const atPreClose = new Promise((resolve) => {
      app.addHook('preClose', async () => resolve(app.reuse.address()))
    })
    const controller = new AbortController()
    const port = await listen(app, { signal: controller.signal })
    await listen(create(t).app, { port })

    if (way === 'close') await app.close()
    else controller.abort()

    assert.equal(await atPreClose, null)
  })
}

test('close() serves a keep-alive client once more, and tells it to end', needsLeave, async (t) => {
  const leaver = create(t, { leaveTimeout: never })
  const port = await listen(leaver.app)
  await listen(create(t).app, { port })
  const client = await connectTo(t, leaver, host)

  const closed = leaver.app.close()
  await untilOneListens(port, host)

  assert.deepEqual(await client.get(), lastAnswer)
  await closed
})

const skip = needsLeave.skip || needsBoth.skip
test('close() serves both localhost addresses once more', { ...needsLeave, skip }, async (t) => {
  const leaver = create(t, { leaveTimeout: never })
  const port = await listen(leaver.app, { host: 'localhost' })
  await listen(create(t).app, { port, host: 'localhost' })
  const [main, further] = [await connectTo(t, leaver, host), await connectTo(t, leaver, '::1')]

  const closed = leaver.app.close()
  await untilOneListens(port, '::1')
  assert.deepEqual(await further.get(), lastAnswer)
  await untilOneListens(port, host)
  assert.deepEqual(await main.get(), lastAnswer)
  await closed
})

test('an idle client of one address takes no time from the other', {
  ...needsLeave,
  skip,
}, async (t) => {
  const leaver = create(t, { leaveTimeout: 1000 })
  const port = await listen(leaver.app, { host: 'localhost' })
  await listen(create(t).app, { port, host: 'localhost' })
  const [main] = [await connectTo(t, leaver, host), await connectTo(t, leaver, '::1')]

  const closed = leaver.app.close()
  while (leaver.app.server.listening) await delay(1)
  await delay(100) // It has time of its own.
  assert.deepEqual(await main.get(), lastAnswer)
  await closed
})

test('the last member does not wait for clients that are idle', needsLeave, async (t) => {
  const leaver = create(t, { leaveTimeout: never })
  await listen(leaver.app)
  await connectTo(t, leaver, host)

  await leaver.app.close()
})

test('a member that is not the last waits leaveTimeout for idle clients', needsLeave, async (t) => {
  const leaver = create(t, { leaveTimeout: 300 })
  const port = await listen(leaver.app)
  await listen(create(t).app, { port })
  await connectTo(t, leaver, host)
  const start = performance.now()

  await leaver.app.close()

  assert.ok(performance.now() - start > 290)
})

test('a request that takes longer than leaveTimeout is answered', needsLeave, async (t) => {
  const leaver = create(t, { leaveTimeout: 100 })
  const closing = new Promise<void>((resolve) =>
    leaver.app.addHook('preClose', async () => resolve()),
  )
  const begun = new Promise<void>((resolve) => {
    leaver.app.get('/slow', async () => {
      resolve()
      await closing
      return 'answer'
    })
  })
  const port = await listen(leaver.app)
  await listen(create(t).app, { port })
  const client = await connectTo(t, leaver, host)
  const answer = client.get('/slow')
  await begun

  await leaver.app.close()

  assert.equal((await answer).status, 200)
})

/** An application that records which of its hooks ran, and how many requests came. */
interface Recorder {
  app: FastifyInstance
  hooks: string[]
  requests(): number
}

/** With `null` for the options, the application is without the plugin. */
function create(t: TestContext, options: ReuseOptions | null = {}): Recorder {
  const app = Fastify()
  const hooks: string[] = []
  let requests = 0
  if (options !== null) app.register(reuse, options)
  app.addHook('preClose', async () => void hooks.push('preClose'))
  app.addHook('onClose', async () => void hooks.push('onClose'))
  app.register(async (child) => {
    child.addHook('preClose', async () => void hooks.push('preClose of a child'))
    child.addHook('onClose', async () => void hooks.push('onClose of a child'))
  })
  app.addHook('onRequest', async () => void requests++)
  app.get('/', () => 'answer')
  t.after(() => app.close())
  return { app, hooks, requests: () => requests }
}

async function listen(
  app: FastifyInstance,
  { port = 0, ...place }: { port?: number; host?: string; signal?: AbortSignal } = {},
): Promise<number> {
  await app.listen({ host, port, ...place })
  const address = app.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

/** What a client gets as the last answer on a connection. */
const lastAnswer = { status: 200, connection: 'close' }

/** A client of this application, among all that share its port: it has an idle connection to it. */
async function connectTo(t: TestContext, { app, requests }: Recorder, to: string) {
  const port = app.reuse.address()?.port ?? 0
  for (;;) {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    const get = async (path = '/') => {
      const [response] = await once(http.get({ host: to, port, path, agent }), 'response')
      await text(response)
      return { status: response.statusCode, connection: response.headers.connection }
    }
    const before = requests()
    await get()
    if (requests() > before) return { get }
    agent.destroy()
  }
}

/** Waits until one of the two has left. */
async function untilOneListens(port: number, at: string): Promise<void> {
  while ((await peers({ port, host: at })).length > 1) await delay(1)
}
