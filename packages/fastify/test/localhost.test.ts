/** Without a host, Fastify listens on both addresses of localhost, with a server for each. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { capabilities, peers, type SystemError } from '@reuse/core'
import { countAnswers, type Fixture, freePort, request, startNode } from '@reuse/testkit'
import { loopback, needsBoth } from './localhost.js'

const needsLinux = capabilities.peers ? needsBoth : { skip: 'this system has no peers()' }

test('several programs share both addresses of localhost', needsLinux, async (t) => {
  const first = startProgram(t, 0)
  const port = await first.hear<number>('ready')
  const second = startProgram(t, port)
  assert.equal(await second.hear('ready'), port)

  await assertAllOnBoth(port, [first.pid, second.pid])
})

test('cluster workers bind both addresses of localhost themselves', needsLinux, async (t) => {
  const port = await freePort()
  const workers = await startProgram(t, port, 3).hear<number[]>('ready')

  await assertAllOnBoth(port, workers)
})

test('close frees both addresses of localhost', needsLinux, async (t) => {
  const program = startProgram(t, 0)
  const port = await program.hear<number>('ready')

  program.tell('close')

  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  assert.deepEqual(await peers({ port }), [])
})

test(
  'a stranger on ::1 causes a warning, and the server on 127.0.0.1 serves',
  needsBoth,
  async (t) => {
    const port = await freePort()
    const stranger = net.createServer().listen(port, '::1')
    t.after(() => stranger.close())
    await once(stranger, 'listening')

    const program = startProgram(t, port)

    const { msg, err } = await program.hear<{ msg: string; err: SystemError }>('warning')
    assert.equal(msg, 'cannot listen on one of the addresses of localhost')
    assert.equal(err.code, 'EADDRINUSE')
    assert.equal(err.address, '::1')
    assert.match(err.hint ?? '', /does not share it/)
    assert.equal(await program.hear('ready'), port)
    assert.equal(await request({ port, host: '127.0.0.1' }), String(program.pid))
  },
)

function startProgram(t: TestContext, port: number, workers = 0): Fixture {
  const file = new URL('./fixtures/on-localhost.js', import.meta.url)
  return startNode(t, file, { args: [String(port), String(workers)] })
}

/** Each program has a socket on each address, nobody else has, and all answer. */
async function assertAllOnBoth(port: number, pids: number[]): Promise<void> {
  for (const host of loopback) {
    const holders = (await peers({ port, host })).map(({ pid }) => pid)
    assert.deepEqual(new Set(holders), new Set(pids))
    assert.equal(holders.length, pids.length)

    const counts = await countAnswers({ port, host }, 200)
    assert.deepEqual(new Set(counts.keys()), new Set(pids.map(String)))
  }
}
