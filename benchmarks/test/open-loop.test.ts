/** What the load reports about the time that its clients waited. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { emptyTally } from '../src/load/tally.js'
import { loopback } from '../src/network/loopback.js'
import { latenciesOf, measureLatencies } from '../src/tail/latency.js'

const node = process.execPath

async function serve(t: TestContext, answer: http.RequestListener): Promise<number> {
  const server = http.createServer(answer).listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

test('a stall delays every request that is due during it, sent or not', async (t) => {
  const rate = 500
  const stall = 400
  let requests = 0
  const port = await serve(t, (_, response) => {
    if (++requests === 100) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stall)
    response.end('hello')
  })
  const load = { rate, seconds: 1, warmup: 0 }
  const latencies = await measureLatencies(node, loopback(), port, load)
  assert.equal(latencies.length, rate)
  // Nothing is answered during the stall, in which requests are due one after the other: so their waits
  // range from the whole stall to nothing, and at least this many of them are longer than `least`.
  for (const least of [100, 200, 300]) {
    const late = latencies.filter((latency) => latency >= least).length
    assert.ok(late >= (rate * (stall - least)) / 1000 - 1, `${late} waited ${least} ms`)
  }
})

test('requests sent during the warm-up do not count', async (t) => {
  const port = await serve(t, (_, response) => response.end('hello'))
  const load = { rate: 200, seconds: 0.5, warmup: 0.25 }
  assert.equal((await measureLatencies(node, loopback(), port, load)).length, 100)
})

test('no latencies are reported if a request fails', async (t) => {
  let requests = 0
  const port = await serve(t, (_, response) => {
    if (++requests === 60) response.destroy()
    else response.end('hello')
  })
  const load = { rate: 200, seconds: 0.5, warmup: 0 }
  await assert.rejects(measureLatencies(node, loopback(), port, load), /requests failed: 1 \(/)
})

test('no latencies are reported if the request rate was not kept', () => {
  const report = {
    newConnections: { ...emptyTally(), connections: 2, answered: 2 },
    keepAlive: emptyTally(),
    connectTimes: [1, 1],
    latencies: [1, 2],
    journal: [],
  }
  assert.deepEqual(latenciesOf({ ...report, withheld: 0 }), [1, 2])
  assert.throws(() => latenciesOf({ ...report, withheld: 3 }), /3 requests were not sent/)
})
