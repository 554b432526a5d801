import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { lacks, needs } from '@reuse/testkit'

test('what an emulator lacks is a reason to skip', () => {
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

test('what only Linux has is lacking elsewhere', () => {
  assert.equal(lacks('linux') === undefined, process.platform === 'linux')
  assert.deepEqual(needs(), { skip: false })
})
