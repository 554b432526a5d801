/** Several programs on one port: what the package is for. */
import assert from 'node:assert/strict'
import type net from 'node:net'
import { test } from 'node:test'
import { countAnswers, needs, request } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { startGroup, startMember, startPython } from './programs.js'

const requests = 400

test(
  'every program gets connections, and every connection is answered',
  needs('balance'),
  async (t) => {
    const { port, members } = await startGroup(t, 4)

    const counts = await countAnswers({ port }, requests)

    assert.deepEqual(new Set(counts.keys()), new Set(members.map(({ pid }) => String(pid))))
  },
)

test('without @reuse the second program on a port is refused', async (t) => {
  const first = startMember(t, { port: 0, reuse: null })
  const { port } = await first.hear<net.AddressInfo>('ready')

  const second = startMember(t, { port, reuse: null })

  assert.equal((await second.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
})

test(
  'a program in Python and members get connections side by side',
  needs('balance', 'peers', 'python'),
  async (t) => {
    const { port } = await startGroup(t, 2)
    const python = startPython(t, port, 'share')
    await python.hear('ready')

    const counts = await countAnswers({ port }, requests)

    assert.equal(counts.size, 3)
    assert.ok((counts.get('python') ?? 0) > 0)
    const listed = await peers({ port })
    assert.ok(listed.some(({ program }) => program?.includes('stranger.py')))
  },
)

test(
  'members join a group that a program in Python has opened',
  needs('balance', 'python'),
  async (t) => {
    const python = startPython(t, 0, 'share')
    const { port } = await python.hear<{ port: number }>('ready')
    await startMember(t, { port }).hear('ready')

    const counts = await countAnswers({ port }, requests)

    assert.equal(counts.size, 2)
  },
)

test('a program that closes leaves the port to the others', needs('sharing'), async (t) => {
  const { port, members } = await startGroup(t, 2)
  const [first, second] = members
  await first?.ask('close')

  const counts = await countAnswers({ port }, 50)

  assert.deepEqual([...counts], [[String(second?.pid), 50]])
  assert.deepEqual(await second?.end(), { code: null, signal: 'SIGTERM' })
  await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
})
