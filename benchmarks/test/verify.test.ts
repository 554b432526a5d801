/** Nothing is measured that does not answer as it should. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { verify } from '../src/harness/verify.js'

/** A side of one process that is this one, and says of itself what it is told to. */
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

test('a side is right if all workers answer', (t) => serve(t, {}, [11, 12, 13]))

test('another answer is refused', async (t) => {
  await assert.rejects(serve(t, { body: 'hullo' }, [11]), /answers "hullo" in place of "hello"/)
})

test('another status is refused', async (t) => {
  await assert.rejects(serve(t, { status: 503 }, [11]), /HTTP 503/)
})

test('a worker that never answers is missed', async (t) => {
  const asked = serve(t, { pids: [11] }, [11, 12])
  await assert.rejects(asked, /of 2 workers these answered none of 400 requests: 12/)
})

test('who answers and is no worker is refused', async (t) => {
  await assert.rejects(serve(t, { pids: [11, 14] }, [11, 12]), /14 answers, and is none/)
})
