/** `node --import @reuse/core/register`: unchanged programs share their ports. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { countAnswers, type Fixture, needs, startNode } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { fixtureSource } from './programs.js'

const register = new URL('../src/register.js', import.meta.url).href

function startUnchanged(t: TestContext, registered: boolean, ...args: string[]): Fixture {
  const execArgv = registered ? ['--import', register] : []
  return startNode(t, fixtureSource('unchanged.cjs'), { execArgv, args })
}

test(
  'three unchanged programs share a TCP and a UDP port',
  needs('balance', 'peers'),
  async (t) => {
    const first = startUnchanged(t, true, '0')
    const { port } = await first.hear<AddressInfo>('ready')
    const others = [startUnchanged(t, true, String(port)), startUnchanged(t, true, String(port))]
    for (const other of others) await other.hear('ready')

    const counts = await countAnswers({ port }, 300)

    const pids = [first, ...others].map(({ pid }) => String(pid))
    assert.deepEqual(new Set(counts.keys()), new Set(pids))
    assert.equal((await peers({ port, protocol: 'udp' })).length, 3)
  },
)

test('without it the second is refused', async (t) => {
  const first = startUnchanged(t, false, '0')
  const { port } = await first.hear<AddressInfo>('ready')
  const second = startUnchanged(t, false, String(port))
  assert.equal((await second.exit()).code, 1)
  assert.match(second.output, /EADDRINUSE/)
})

test(
  'an unchanged cluster: the workers hold the port, not the primary',
  needs('peers'),
  async (t) => {
    const primary = startUnchanged(t, true, '0', 'cluster')
    const { port } = await primary.hear<AddressInfo>('ready')
    const holders = (await peers({ port })).map(({ pid }) => pid)
    assert.equal(holders.length, 2)
    assert.ok(!holders.includes(primary.pid))
  },
)
