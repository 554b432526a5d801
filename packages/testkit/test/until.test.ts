import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { until } from '@reuse/testkit'

test('gives what the condition gives at last', async () => {
  let tries = 0
  assert.equal(await until(() => (++tries < 3 ? null : 'third')), 'third')
  assert.equal(tries, 3)
})

test('what does not become so is an error, which says what it was', () => {
  const code = `import { until } from '@reuse/testkit'
    const show = ({ message }) => console.log(message)
    await until(() => 1 > 2).catch(show)
    await until(async () => false, () => 'it is red').catch(show)`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, TEST_PATIENCE: '20' },
    encoding: 'utf8',
  })
  assert.equal(output, 'after 20 ms not so: () => 1 > 2\nafter 20 ms it is red\n')
})
