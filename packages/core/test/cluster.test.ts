/** Inside node:cluster workers the primary is not in the path. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAnswers, needs, startNode } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { fixtureFile } from './programs.js'

for (const scheduling of ['rr', 'none']) {
  test(`workers share a port with policy ${scheduling}`, needs('balance', 'peers'), async (t) => {
    const env = { NODE_CLUSTER_SCHED_POLICY: scheduling }
    const primary = startNode(t, fixtureFile('cluster.js'), { env })
    const { port, workers } = await primary.hear<{ port: number; workers: number[] }>('ready')

    const counts = await countAnswers({ port }, 300)

    assert.deepEqual(new Set(counts.keys()), new Set(workers.map(String)))
    const holders = (await peers({ port })).map(({ pid }) => pid)
    assert.deepEqual(new Set(holders), new Set(workers))
    const udp = (await peers({ port, protocol: 'udp' })).map(({ pid }) => pid)
    assert.deepEqual(new Set(udp), new Set(workers))
  })
}

test('a cluster server that does not share stays with the primary', needs('peers'), async (t) => {
  const primary = startNode(t, fixtureFile('cluster.js'), { args: ['plain'] })
  const { port } = await primary.hear<{ port: number }>('ready')
  assert.deepEqual(
    (await peers({ port })).map(({ pid }) => pid),
    [primary.pid],
  )
})

test('a path that a sharing worker listens on stays the primary’s', needs('linux'), async (t) => {
  const primary = startNode(t, fixtureFile('cluster.js'), { args: ['path'] })
  const { workers, answers } = await primary.hear<{ workers: number[]; answers: number[] }>('ready')
  // Three workers on one path: only the primary makes that possible.
  assert.deepEqual(answers.sort(), workers.sort())
})

for (const mode of ['disconnect', 'disconnect plain']) {
  test(`${mode}: the primary hears of each server, and its disconnect ends the workers`, async (t) => {
    const primary = startNode(t, fixtureFile('cluster.js'), { args: mode.split(' ') })
    const { listening } = await primary.hear<{ listening: number }>('ready')
    assert.equal(listening, 2)
    assert.deepEqual(await primary.ask('disconnect'), [0, 0])
  })
}

for (const scheduling of ['rr', 'none']) {
  test(
    `all workers get the same port for port 0, with policy ${scheduling}`,
    needs('linux'),
    async (t) => {
      const env = { NODE_CLUSTER_SCHED_POLICY: scheduling }
      const primary = startNode(t, fixtureFile('cluster.js'), { args: ['any'], env })
      const { ports } = await primary.hear<{ ports: [number[], number[]] }>('ready')
      const [[first, second, alone, udp] = [], [...others]] = ports
      assert.deepEqual([first, second, udp], [others[0], others[1], others[3]])
      assert.notEqual(first, second)
      assert.notEqual(alone, others[2]) // It is not to be shared.
    },
  )
}
