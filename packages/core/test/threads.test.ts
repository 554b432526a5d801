/** Several threads of one process share a port, each with a listener of its own. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { countAnswers, lacks, needs } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { listening, sharedServer, until } from './listening.js'
import { fixtureFile } from './programs.js'

test('the main thread and three workers', needs('balance'), async (t) => {
  const { server, member } = sharedServer(t, {}, 'main')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const workers = ['one', 'two', 'three'].map((name) => {
    const worker = new Worker(fixtureFile('thread.js'), { workerData: { port, name } })
    t.after(() => worker.terminate())
    return worker
  })
  await Promise.all(workers.map((worker) => once(worker, 'message')))

  const counts = await countAnswers({ port }, 400)

  assert.deepEqual(new Set(counts.keys()), new Set(['main', 'one', 'two', 'three']))
  if (lacks('peers')) return
  const group = await member.peers()
  assert.deepEqual(
    group.map(({ pid }) => pid),
    Array(4).fill(process.pid),
  )
  assert.equal(group.filter(({ self }) => self).length, 1)
})

test('what came to a thread that ends is served by the others', needs('holders'), async (t) => {
  const { server } = sharedServer(t, {}, 'main')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const worker = new Worker(fixtureFile('thread.js'), { workerData: { port, name: 'worker' } })
  await once(worker, 'message')
  await worker.terminate()
  const group = await until(async () => {
    const all = await peers({ port })
    return all.some(({ orphan }) => orphan) ? all : null
  })
  assert.deepEqual(group.map(({ orphan }) => orphan).sort(), [false, true])
  assert.deepEqual([...(await countAnswers({ port }, 20))], [['main', 20]])
})
