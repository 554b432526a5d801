/** Several threads of one process share a port, each with its own listener. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { countAnswers, lacks, needs } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { listening, sharedServer, until } from './listening.js'
import { fixtureFile, startMember } from './programs.js'
import { openDescriptors } from './raw-member.js'

test('the main thread and three workers share a port', needs('balance'), async (t) => {
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

/** Starts a member in its own thread, and waits until it is ready. */
async function startThread(t: TestContext, port: number): Promise<Worker> {
  const worker = new Worker(fixtureFile('thread.js'), { workerData: { port, name: 'worker' } })
  t.after(() => worker.terminate())
  await once(worker, 'message')
  return worker
}

test('a thread that ends keeps no descriptor', needs('holders', 'descriptors'), async (t) => {
  const { server, member } = sharedServer(t, {}, 'main')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const other = startMember(t, { port })
  await other.hear('ready')
  const startAndEnd = async (): Promise<void> => {
    const worker = await startThread(t, port)
    // All hold each other's listeners, over a connection between each two.
    await until(
      async () =>
        (await member.peers()).filter(({ pid, holders }) =>
          holders.includes(pid === process.pid ? other.pid : process.pid),
        ).length === 3,
    )
    await worker.terminate()
    // The others hold the listener that it leaves, until that is taken out of the group.
    await until(async () => (await member.peers()).length === 2)
  }
  await startAndEnd() // What wakes members exists from now on.
  await until(async () => (await member.peers()).every(({ holders }) => holders.length === 1))
  const before = await fewestDescriptors()
  await startAndEnd()
  await until(
    () => openDescriptors() === before,
    () => `${openDescriptors()} are open, and ${before} were before`,
  )
})

/** How many descriptors stay open: a lock, or a look into /proc, has one for a moment. */
async function fewestDescriptors(): Promise<number> {
  let fewest = openDescriptors()
  for (let count = 0; count < 20; count++) {
    await setTimeout(25)
    fewest = Math.min(fewest, openDescriptors())
  }
  return fewest
}

test('the listener of a thread that ended is served by the others', needs('holders'), async (t) => {
  const { server } = sharedServer(t, {}, 'main')
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const worker = await startThread(t, port)
  await worker.terminate()
  const group = await until(async () => {
    const all = await peers({ port })
    return all.some(({ orphan }) => orphan) ? all : null
  })
  assert.deepEqual(group.map(({ orphan }) => orphan).sort(), [false, true])
  assert.deepEqual([...(await countAnswers({ port }, 20))], [['main', 20]])
})
