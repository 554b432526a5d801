import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNode } from '@reuse/testkit'

const fixture = new URL('./fixtures/ending.js', import.meta.url)
const skip = process.platform === 'win32' ? 'Windows has no signals' : false

test('a signal ends what is still open, and then the program', {
  skip,
}, async (t) => {
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const program = startNode(t, fixture)
    await program.hear('ready')
    process.kill(program.pid, signal)
    assert.deepEqual(await program.hear('ended'), ['open'])
    assert.deepEqual(await program.exit(), { code, signal: null })
  }
})
