/** A member that is alone serves like any server, wherever it runs. */
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { countAnswers, freePort } from '@reuse/testkit'
import { listening, sharedServer } from './listening.js'
import { fixtureFile, startMember } from './programs.js'

test('a lone member in this process answers every request', async (t) => {
  const { server } = sharedServer(t, {}, 'here')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  assert.deepEqual([...(await countAnswers({ port }, 50))], [['here', 50]])
})

test('a lone member in another program answers, shared or exclusive', async (t) => {
  for (const reuse of [{}, { exclusive: true }]) {
    const program = startMember(t, { port: 0, reuse })
    const { port } = await program.hear<AddressInfo>('ready')
    assert.deepEqual([...(await countAnswers({ port }, 50))], [[String(program.pid), 50]])
  }
})

test('lone members in worker threads answer, each on its own port', async (t) => {
  const workers = ['one', 'two'].map(async (name) => {
    const port = await freePort()
    const worker = new Worker(fixtureFile('thread.js'), { workerData: { port, name } })
    t.after(() => worker.terminate())
    await once(worker, 'message')
    return { port, name }
  })
  for (const { port, name } of await Promise.all(workers)) {
    assert.deepEqual([...(await countAnswers({ port }, 50))], [[name, 50]])
  }
})

test('a lone member in a forked program answers every request', async (t) => {
  const port = await freePort()
  const child = fork(fixtureFile('pm2-program.js'), [String(port)])
  t.after(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  await once(child, 'message')
  assert.deepEqual([...(await countAnswers({ port }, 50))], [[String(child.pid), 50]])
})
