import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { type Counter, callgrind, counting, findCounter, perf } from '../src/overhead/counter.js'
import { instructionsPerRequest, nodeFlags } from '../src/overhead/instructions.js'
import { sendRequests } from '../src/overhead/requests.js'
import { startGroup, startUnchanged, startUp } from '../src/overhead/start-up.js'
import { overheadOf } from '../src/scenarios/overhead.js'
import { Skip } from '../src/skip.js'
import { samplesOf, smallRun } from './small-run.js'

const node = process.execPath

test('import and listen times are measured, alone and beside a member', async () => {
  await using group = await startGroup(node)
  for (const framework of ['express', 'fastify', 'koa'] as const) {
    const alone = await startUp(node, { framework, shared: true, port: 0 })
    assert.ok(alone.imported > 0 && alone.listening > 0 && alone.port !== group.port, framework)
    const joined = await startUp(node, { framework, shared: true, port: group.port })
    assert.equal(joined.port, group.port)
  }
  const refused = startUp(node, { framework: 'http', shared: false, port: group.port })
  await assert.rejects(refused, /EADDRINUSE/)
})

test('an unchanged program starts with and without @reuse', async () => {
  for (const shared of [false, true]) assert.ok((await startUnchanged(node, shared)) > 0)
})

const side = { framework: 'http', shared: true } as const

test('the instruction count covers the additional requests, not the start', async () => {
  // As if a start took 1000 instructions, and a request 7.
  const sevenEach = (file: string): string => `
    import { subscribe } from 'node:diagnostics_channel'
    import { writeFileSync } from 'node:fs'
    let count = 1000
    subscribe('http.server.request.start', () => { count += 7 })
    process.on('exit', () => writeFileSync(${JSON.stringify(file)}, 'Collected : ' + count))`
  const counter: Counter = {
    ...callgrind,
    requests: { first: 2, more: 3 },
    command: (file, [program = '', ...args]) => {
      const url = `data:text/javascript,${encodeURIComponent(sevenEach(file))}`
      return [program, '--import', url, ...args]
    },
  }
  assert.equal(await instructionsPerRequest(side, { node, counter, seed: 1 }), 7)
})

test('the instruction counter of this machine counts a program', async (t) => {
  const counter = await findCounter(true).catch((error: unknown) => {
    if (!(error instanceof Skip)) throw error
    t.skip(error.message)
    return null
  })
  if (counter === null) return
  const start = [node, ...nodeFlags, '--eval', '0']
  const count = await counting(counter, start, async ([program = '', ...args]) => {
    await promisify(execFile)(program, args)
  })
  assert.ok(count > 10_000_000, `${count} instructions`)
})

test('the output of counters is parsed, and a missing count is refused', async () => {
  assert.equal(perf.read('# started on …\n\n1234567,,instructions:u,99,100.00,,\n'), 1234567)
  assert.throws(() => perf.read('<not supported>,,instructions:u,0,100.00,,\n'), /count is missing/)
  assert.equal(callgrind.read('==7== Events    : Ir\n==7== Collected : 700695838\n'), 700695838)
  await assert.rejects(
    counting(perf, ['true'], async () => {}),
    { code: 'ENOENT' },
  )
})

test('sendRequests fails on a wrong status and on a closed connection', async (t) => {
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

test('a small run measures every framework with and without @reuse', async () => {
  const run = await smallRun(overheadOf(1), { sides: [], rounds: 1 })
  assert.equal(run.cases.length, 4)
  const metrics = ['import time', 'listen() time']
  if (run.skipped.length === 0) metrics.push('instructions per request')
  for (const { name } of run.cases) {
    for (const metric of metrics) {
      const sides = Object.keys(samplesOf(run, name, metric))
      assert.deepEqual(sides, ['bare framework', '@reuse'], `${name}, ${metric}`)
    }
  }
  const unchanged = samplesOf(run, run.cases[0]?.name ?? '', 'start of an unchanged program')
  assert.deepEqual(Object.keys(unchanged), ['bare framework', '@reuse'])
})
