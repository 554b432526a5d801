import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startStorm } from '@reuse/testkit'
import { serve } from './counting-server.js'

for (const keepAlive of [false, true]) {
  const kind = keepAlive ? 'keep-alive' : 'a connection for each request'

  test(`storm with ${kind}: every request is counted, failed or not`, async (t) => {
    const seen = { answered: 0, reset: 0, unavailable: 0 }
    const { port } = await serve(t, (_, response) => {
      const nth = seen.answered + seen.reset + seen.unavailable
      if (nth % 10 === 3) {
        seen.reset++
        response.destroy()
      } else if (nth % 10 === 7) {
        seen.unavailable++
        response.writeHead(503).end()
      } else {
        seen.answered++
        response.end('answer')
      }
    })
    const storm = await startStorm(t, { port, clients: 4, keepAlive })

    const { answered, failed } = await storm.stop()

    assert.equal(answered, seen.answered)
    assert.deepEqual(failed, { ECONNRESET: seen.reset, 'HTTP 503': seen.unavailable })
  })

  test(`storm with ${kind}: makes the expected number of connections`, async (t) => {
    let requests = 0
    const { port, connections } = await serve(t, (_, response) => {
      requests++
      response.end('answer')
    })
    const storm = await startStorm(t, { port, clients: 4, keepAlive })

    const { answered } = await storm.stop()

    assert.equal(answered, requests)
    assert.equal(connections(), keepAlive ? 4 : answered)
  })
}
