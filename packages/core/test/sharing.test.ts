/**
 * Who gets a connection when several listeners share a port, and who is kept from a port: what the
 * documentation of each system says. Only the system itself decides.
 */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { countAnswers, lacks, needs } from '@reuse/testkit'
import { capabilities } from '../src/index.js'
import { native } from '../src/socket/native.js'
import type { Recipient } from '../src/socket/platform.js'
import { failure, listening, sharedServer } from './listening.js'

const names = ['oldest', 'middle', 'newest']

/** Which of them get connections. */
const receivers: Record<Recipient, string[] | null> = {
  balanced: names,
  newest: ['newest'],
  oldest: ['oldest'],
  indeterminate: null,
}

/** What is documented for each system, for one exact address and for the wildcard. */
const documented: Partial<Record<NodeJS.Platform, Record<string, Recipient>>> = {
  linux: { '127.0.0.1': 'balanced', '0.0.0.0': 'balanced' },
  // in_pcblookup_hash of xnu takes the first that fits from a list that begins with the newest; of
  // wildcards it takes the last.
  darwin: { '127.0.0.1': 'newest', '0.0.0.0': 'oldest' },
  // "The behavior is indeterminate": Microsoft, "Using SO_REUSEADDR and SO_EXCLUSIVEADDRUSE".
  win32: { '127.0.0.1': 'indeterminate', '0.0.0.0': 'indeterminate' },
}

async function openGroup(t: TestContext, host: string): Promise<number> {
  let port = 0
  for (const name of names) {
    const { server } = sharedServer(t, {}, name)
    server.listen(port, host)
    port = await listening(server)
  }
  return port
}

for (const [host, choice] of Object.entries(documented[process.platform] ?? {})) {
  test(`three listeners on ${host} get connections as documented`, needs('sharing'), async (t) => {
    const port = await openGroup(t, host)

    const counts = await countAnswers({ port }, 300)

    t.diagnostic(`${process.platform} ${host}: ${JSON.stringify([...counts])}`)
    const expected = receivers[choice]
    if (expected !== null) assert.deepEqual(new Set(counts.keys()), new Set(expected))
    const { exact, wildcard } = capabilities.connections
    assert.equal(host === '127.0.0.1' ? exact : wildcard, choice)
  })
}

test('a server that shares is refused beside a socket that does not', async (t) => {
  const plain = plainListener(t, '127.0.0.1')
  const { server } = sharedServer(t)
  server.listen(plain, '127.0.0.1')
  assert.equal((await failure(server)).code, 'EADDRINUSE')
})

const shadows = process.platform === 'win32' ? lacks('sharing') : 'it tells of Windows'

// By the same user, and for one address under the other's wildcard: Microsoft, as above.
test('on Windows a sharing server shadows a plain one', { skip: shadows ?? false }, async (t) => {
  const { server } = sharedServer(t)
  server.listen(plainListener(t, '0.0.0.0'), '127.0.0.1')
  await listening(server)
})

/** Opens a listener as plain Node does, without sharing; returns its port. */
function plainListener(t: TestContext, address: string): number {
  const socket = native.open('tcp', 4)
  t.after(() => native.close(socket))
  native.bind(socket, address, 0)
  native.listen(socket, 8)
  return native.getAddress(socket).port
}

test('an emulator listed as unable to share refuses a second socket', (t) => {
  if (!lacks('sharing')) return t.skip('this system shares')
  const [first, second] = [native.open('tcp', 4), native.open('tcp', 4)]
  t.after(() => [first, second].forEach(native.close))
  const option = capabilities.option ?? 'SO_REUSEADDR'
  for (const socket of [first, second]) native.setOption(socket, option, 1)
  native.bind(first, '127.0.0.1', 0)
  native.listen(first, 8)
  const { port } = native.getAddress(first)
  assert.throws(() => native.bind(second, '127.0.0.1', port), { syscall: 'bind' })
})
