import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { lacks, needs } from '@reuse/testkit'

test('needs() skips a test for what TEST_LACKS says is missing', () => {
  const code = `import { lacks, needs } from '@reuse/testkit'
    console.log(JSON.stringify([lacks('peers'), needs('sharing', 'peers'), needs('sharing')]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, TEST_LACKS: '{"peers":"it has no sock_diag"}' },
    encoding: 'utf8',
  })
  assert.deepEqual(JSON.parse(output), [
    'it has no sock_diag',
    { skip: 'it has no sock_diag' },
    { skip: false },
  ])
})

test('a need for Linux is lacking on every other system', () => {
  assert.equal(lacks('linux') === undefined, process.platform === 'linux')
  assert.deepEqual(needs(), { skip: false })
})
