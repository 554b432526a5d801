import assert from 'node:assert/strict'
import crypto from 'node:crypto'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'
import { test } from 'node:test'
import { countAnswers, freePort, needs, request } from '@reuse/testkit'
import { serve } from './counting-server.js'

test('countAnswers() counts every answer, each on its own connection', async (t) => {
  let served = 0
  const { port, connections } = await serve(t, (_, response) => {
    served++
    response.end(served % 3 === 0 ? 'third' : 'other')
  })

  const counts = await countAnswers({ port }, 100)

  assert.deepEqual(Object.fromEntries(counts), { third: 33, other: 67 })
  assert.equal(served, 100)
  assert.equal(connections(), 100)
})

test('countAnswers() fails if one request fails', async (t) => {
  let served = 0
  const { port } = await serve(t, (_, response) => {
    served++
    if (served === 40) response.destroy()
    else response.end('answer')
  })

  await assert.rejects(countAnswers({ port }, 100), { code: 'ECONNRESET' })
})

test('request() fails on an answer with status 503', async (t) => {
  const { port } = await serve(t, (_, response) => response.writeHead(503).end('closing'))

  await assert.rejects(request({ port }), { code: 'HTTP 503', message: 'HTTP 503: closing' })
})

test('request() with a keep-alive agent reuses one connection', async (t) => {
  const { port, connections } = await serve(t, (_, response) => response.end('answer'))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())

  for (let n = 0; n < 3; n++) assert.equal(await request({ port, agent }), 'answer')

  assert.equal(connections(), 1)
})

test('freePort() gives ports that are free', async (t) => {
  const ports = await Promise.all(Array.from({ length: 10 }, freePort))

  for (const port of ports) {
    const server = net.createServer().listen(port)
    t.after(() => server.close())
    await once(server, 'listening')
  }
})

test('freePort() gives a port only once, even before it is used', needs('linux'), async (t) => {
  const port = await freePort()
  t.after(syncBuiltinESMExports)
  let asked = 0
  const choose = (low: number, high: number): number => {
    return asked++ === 0 ? port : low + Math.floor(Math.random() * (high - low))
  }
  t.mock.method(crypto, 'randomInt', choose)
  syncBuiltinESMExports()

  assert.notEqual(await freePort(), port)
  assert.ok(asked > 1)
})
