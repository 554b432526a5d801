/** `listen` is like the framework's own: what it takes, what it returns, how it fails. In one process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { request } from '../client.js'
import { freePort } from '../free-port.js'
import type { AdapterHarness, Listen, Place, ReuseOptions } from './harness.js'
import { start } from './running.js'

export function listenTests<Listener>(harness: AdapterHarness<Listener>): void {
  for (const [form, listen] of Object.entries({ 'usual form': harness.listen, ...harness.forms })) {
    test(`listen, ${form}: works as without the adapter`, async (t) => {
      const place = await freePlace(t)

      const own = await observe(harness, place, listen, null)
      const shared = await observe(harness, place, listen, {})

      assert.deepEqual(shared.seen, own.seen)
      assert.deepEqual(shared.member, typeof shared.address === 'string' ? null : shared.address)
    })
  }

  for (const [way, listen] of Object.entries(harness.failures)) {
    test(`a port held by a stranger: EADDRINUSE by ${way}, with a hint`, async (t) => {
      const stranger = net.createServer().listen(0, '127.0.0.1')
      t.after(() => stranger.close())
      await once(stranger, 'listening')
      const place = { ...(await freePlace(t)), port: portOf(stranger) }

      const own = await listen(await harness.create('never', null), place)
      const shared = await listen(await harness.create('never', {}), place)

      assert.ok(own instanceof Error && shared instanceof Error)
      const { hint, ...rest } = { hint: undefined, ...shared }
      assert.deepEqual(rest, { ...own })
      assert.equal(shared.message, `${own.message}\n${hint}`)
      assert.match(String(hint), /does not share it/)
      stranger.close()
      await assertFree(place.port)
    })
  }

  test('an unknown option is a TypeError that names the nearest', async (t) => {
    const place = await freePlace(t)
    const misspelt = Object.fromEntries([['exclusiv', true]])

    await assert.rejects(startAndClose(harness, misspelt, place), {
      name: 'TypeError',
      message: 'setReuse: unknown option "exclusiv"; did you mean "exclusive"?',
    })
    await assertFree(place.port)
  })

  test('exclusive: a later server is refused, with a hint', async (t) => {
    const place = await freePlace(t)
    const first = await start(harness, await harness.create('first', { exclusive: true }), place)
    t.after(() => first.close())

    await assert.rejects(
      startAndClose(harness, {}, place),
      (error: NodeJS.ErrnoException & { hint?: string }) => {
        assert.equal(error.code, 'EADDRINUSE')
        assert.match(error.hint ?? '', /does not share it/)
        return true
      },
    )
    assert.equal(await request({ port: place.port }), 'first')
  })

  test('close frees the port, and the member has no address any more', async (t) => {
    const place = await freePlace(t)
    const running = await start(harness, await harness.create('answer', {}), place)
    t.after(() => running.close())
    assert.equal(await request({ port: place.port }), 'answer')

    await running.close()

    await assertFree(place.port)
    assert.equal(running.member?.address(), null)
  })
}

/** Starts and closes at once, for a start that a test expects to fail: in case it does not. */
async function startAndClose<Listener>(
  harness: AdapterHarness<Listener>,
  options: ReuseOptions,
  place: Place,
): Promise<void> {
  const { close } = await start(harness, await harness.create('never', options), place)
  await close()
}

/** What one call of `listen` led to. */
async function observe<Listener>(
  harness: AdapterHarness<Listener>,
  place: Place,
  listen: Listen<Listener>,
  options: ReuseOptions | null,
) {
  const calls: unknown[][] = []
  const listener = await harness.create('answer', options)
  const running = await start(harness, listener, place, listen, (...args) => calls.push(args))
  const { returned, server, port, member } = running
  try {
    const [listed] = port > 0 && harness.capabilities.peers ? await harness.peers({ port }) : []
    const target = port > 0 ? { port } : { socketPath: place.path }
    const address = server.address()
    const seen = {
      returned: returned === server ? 'the server' : returned,
      calls,
      host: typeof address === 'string' ? null : address?.address,
      onAskedPort: port === place.port,
      backlog: listed?.queue.limit,
      answer: await request(target),
    }
    return { seen, address, member: member?.address() }
  } finally {
    await running.close()
  }
}

async function freePlace(t: TestContext): Promise<Place> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const socket = path.join(folder, 'socket')
  return {
    port: await freePort(),
    host: '127.0.0.1',
    backlog: 17,
    path: process.platform === 'win32' ? `\\\\.\\pipe\\${path.basename(folder)}` : socket,
  }
}

/** Asserts that nobody listens there: a server that does not share its port can. */
async function assertFree(port: number): Promise<void> {
  const server = net.createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  await new Promise((resolve) => server.close(resolve))
}

function portOf(server: net.Server): number {
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}
