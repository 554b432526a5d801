import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, succeed } from '../../src/command.js'

const node = (code: string): string[] => [process.execPath, '-e', code]

test('a command gives what it printed, and how it ended', async () => {
  const { status, stdout, output } = await run(
    node("console.log('out'); console.error('err'); process.exitCode = 3"),
  )
  assert.equal(status, 3)
  assert.equal(stdout, 'out\n')
  assert.equal(output, 'out\nerr\n')
})

test('a program that is not there is an outcome as well', async () => {
  assert.equal((await run(['/no/such/program'])).status, 'ENOENT')
})

test('one that takes too long is ended', async () => {
  const { status } = await run(node('setInterval(() => {}, 1000)'), { timeout: 300 })
  assert.equal(status, 'SIGTERM')
})

test('a command that must succeed and does not is an error with what it printed', async () => {
  assert.equal(await succeed(node("console.log('fine')")), 'fine\n')
  await assert.rejects(
    succeed(node("console.error('broken'); process.exitCode = 1")),
    /ended with 1:\nbroken/,
  )
})
