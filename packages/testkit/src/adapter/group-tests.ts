/** Several real programs of the framework on one port. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAnswers, request } from '../client.js'
import { startNode } from '../fixture.js'
import { freePort } from '../free-port.js'
import type { AdapterHarness } from './harness.js'
import type { MemberReport } from './program.js'
import { startGroup, startProgram } from './programs.js'

const requests = 300

export function groupTests<Listener>(harness: AdapterHarness<Listener>): void {
  const { capabilities } = harness
  const needsBalance = {
    skip: capabilities.connections.exact !== 'balanced' && 'this system does not balance',
  }
  const needsPeers = { skip: !capabilities.peers && 'this system has no peers()' }

  test('every program answers, and every request is answered', needsBalance, async (t) => {
    const { port, programs } = await startGroup(harness, t, 3)

    await assertAllAnswer(
      port,
      programs.map(({ pid }) => pid),
    )
  })

  test('without the adapter the second program is refused', async (t) => {
    const first = startProgram(harness, t, { options: null })
    const port = await first.hear<number>('ready')

    const second = startProgram(harness, t, { port, options: null })

    assert.deepEqual(await second.exit(), { code: 1, signal: null })
    assert.match(second.output, /EADDRINUSE/)
  })

  test('each member sees the whole group, and itself in it', needsPeers, async (t) => {
    const { port, programs } = await startGroup(harness, t, 3)
    const pids = programs.map(({ pid }) => pid)

    for (const program of programs) {
      const { address, peers, queue } = await program.ask<MemberReport>('member')

      assert.deepEqual(address, { address: '127.0.0.1', family: 'IPv4', port })
      assert.deepEqual(new Set(peers.map(({ pid }) => pid)), new Set(pids))
      assert.equal(peers.length, programs.length)
      assert.deepEqual(
        peers.filter(({ self }) => self).map(({ pid }) => pid),
        [program.pid],
      )
      assert.equal(queue.length, 0)
      assert.ok(queue.limit > 0)
    }
  })

  test('a program that closes exits by itself, and the others go on', async (t) => {
    const { port, programs } = await startGroup(harness, t, 2)
    const [first, second] = programs
    assert.ok(first && second)

    await first.ask('close')

    assert.deepEqual(await first.exit(), { code: 0, signal: null })
    assert.deepEqual([...(await countAnswers({ port }, 50))], [[String(second.pid), 50]])
    await second.ask('close')
    assert.deepEqual(await second.exit(), { code: 0, signal: null })
    await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  })

  test('cluster workers bind by themselves', needsPeers, async (t) => {
    const port = await freePort()
    const primary = startProgram(harness, t, { port, workers: 3 })
    const workers = await primary.hear<number[]>('ready')

    assert.deepEqual(await holdersOf(port), new Set(workers))
    await assertAllAnswer(port, workers)
    assert.deepEqual(await primary.end(), { code: null, signal: 'SIGTERM' })
  })

  test('without the adapter the cluster primary binds the port', needsPeers, async (t) => {
    const port = await freePort()
    const primary = startProgram(harness, t, { port, workers: 3, options: null })
    await primary.hear('ready')

    assert.deepEqual(await holdersOf(port), new Set([primary.pid]))
  })

  for (const file of harness.commonJs) {
    const name = file.pathname.replace(/^.*\//, '')
    test(`two programs with require() share a port: ${name}`, needsBalance, async (t) => {
      const first = startNode(t, file, { args: ['0'] })
      const port = await first.hear<number>('ready')
      const second = startNode(t, file, { args: [String(port)] })
      assert.equal(await second.hear('ready'), port)

      await assertAllAnswer(port, [first.pid, second.pid])

      assert.equal(first.output, '')
    })
  }

  async function holdersOf(port: number): Promise<Set<number | null>> {
    return new Set((await harness.peers({ port })).map(({ pid }) => pid))
  }
}

async function assertAllAnswer(port: number, pids: number[]): Promise<void> {
  const counts = await countAnswers({ port }, requests)

  assert.deepEqual(new Set(counts.keys()), new Set(pids.map(String)))
}
