import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, succeed } from '../../src/command.js'

const node = (code: string): string[] => [process.execPath, '-e', code]

test('run returns the output and the exit code of a command', async () => {
  const { status, stdout, output } = await run(
    node("console.log('out'); console.error('err'); process.exitCode = 3"),
  )
  assert.equal(status, 3)
  assert.equal(stdout, 'out\n')
  assert.equal(output, 'out\nerr\n')
})

test('run returns ENOENT for a program that does not exist', async () => {
  assert.equal((await run(['/no/such/program'])).status, 'ENOENT')
})

test('run ends a command that takes too long', async () => {
  const { status } = await run(node('setInterval(() => {}, 1000)'), { timeout: 300 })
  assert.equal(status, 'SIGTERM')
})

test('succeed throws an error with the output of a command that fails', async () => {
  assert.equal(await succeed(node("console.log('fine')")), 'fine\n')
  await assert.rejects(
    succeed(node("console.error('broken'); process.exitCode = 1")),
    /ended with 1:\nbroken/,
  )
})
