import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { callgrind, counting, findCounter, perf } from '../src/overhead/counter.js'
import { instructionsPerRequest } from '../src/overhead/instructions.js'
import { sendRequests } from '../src/overhead/requests.js'
import { startGroup, startUp } from '../src/overhead/start-up.js'
import { overhead } from '../src/scenarios/overhead.js'
import { Skip } from '../src/skip.js'
import { samplesOf, smallRun } from './small-run.js'

const node = process.execPath

test('a start tells what it took, alone and beside a member', async () => {
  await using group = await startGroup(node)
  for (const framework of ['http', 'express', 'fastify', 'koa'] as const) {
    for (const shared of [false, true]) {
      const { imported, listening, port } = await startUp(node, { framework, shared, port: 0 })
      assert.ok(imported > 0 && listening > 0 && port !== group.port, framework)
    }
    const joined = await startUp(node, { framework, shared: true, port: group.port })
    assert.equal(joined.port, group.port)
  }
  const refused = startUp(node, { framework: 'http', shared: false, port: group.port })
  await assert.rejects(refused, /EADDRINUSE/)
})

test('a count is of the requests that are more', async (t) => {
  const counter = await findCounter(true).catch((error: unknown) => {
    if (!(error instanceof Skip)) throw error
    t.skip(error.message)
    return null
  })
  if (counter === null) return
  const few = { ...counter, requests: { first: 20, more: 40 } }
  const side = { framework: 'http', shared: true } as const
  const count = await instructionsPerRequest(side, { node, counter: few, seed: 1 })
  // Less than that cannot be a request, and more is a start.
  assert.ok(count > 20_000 && count < 5_000_000, `${count} instructions`)
})

test('what a counter writes is read, and what is no count is refused', async () => {
  assert.equal(perf.read('# started on …\n\n1234567,,instructions:u,99,100.00,,\n'), 1234567)
  assert.throws(() => perf.read('<not supported>,,instructions:u,0,100.00,,\n'), /count is missing/)
  assert.equal(callgrind.read('==7== Events    : Ir\n==7== Collected : 700695838\n'), 700695838)
  await assert.rejects(
    counting(perf, ['true'], async () => {}),
    { code: 'ENOENT' },
  )
})

test('a wrong answer is no request, nor is a connection that ends', async (t) => {
  const paths = { status: 200, answered: 0 }
  const server = http.createServer((_, response) => {
    response.statusCode = paths.status
    if (paths.answered++ === 2) response.destroy()
    else response.end('hello')
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  await sendRequests(address.port, 2)
  await assert.rejects(sendRequests(address.port, 1), /closed with 1 requests to go/)
  paths.status = 500
  await assert.rejects(sendRequests(address.port, 1), /answered 500/)
})

test('a small run has both sides of every framework', async () => {
  const run = await smallRun(overhead, { sides: [], rounds: 1 })
  assert.equal(run.cases.length, 4)
  const metrics = ['import time', 'listen() time']
  if (run.skipped.length === 0) metrics.push('instructions per request')
  for (const { name } of run.cases) {
    for (const metric of metrics) {
      const sides = Object.keys(samplesOf(run, name, metric))
      assert.deepEqual(sides, ['bare framework', '@reuse'], `${name}, ${metric}`)
    }
  }
})
