/** A side that does not answer as it should is not measured. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { verify } from '../src/harness/verify.js'

/** A side of one process, this one, which says about itself what it is told to. */
async function serve(
  t: TestContext,
  answers: { status?: number; body?: string; pids?: readonly number[] },
  workers: readonly number[],
): Promise<void> {
  const { status = 200, body = 'hello', pids = workers } = answers
  let asked = 0
  const server = http.createServer(({ url }, response) => {
    const pid = String(pids[asked++ % pids.length])
    response.writeHead(status).end(url === '/who' ? pid : body)
  })
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const end = async () => {}
  await verify('127.0.0.1', { ports: [port], workers, others: [], [Symbol.asyncDispose]: end })
}

test('a side is accepted if all its workers answer', (t) => serve(t, {}, [11, 12, 13]))

test('a side with a wrong response body is refused', async (t) => {
  await assert.rejects(serve(t, { body: 'hullo' }, [11]), /answers "hullo" instead of "hello"/)
})

test('a side with a wrong HTTP status is refused', async (t) => {
  await assert.rejects(serve(t, { status: 503 }, [11]), /HTTP 503/)
})

test('a worker that never answers is reported', async (t) => {
  const asked = serve(t, { pids: [11] }, [11, 12])
  await assert.rejects(asked, /of 2 workers these answered none of 400 requests: 12/)
})

test('an answer from a process that is not a worker is refused', async (t) => {
  await assert.rejects(serve(t, { pids: [11, 14] }, [11, 12]), /14 answers, but is not one/)
})
