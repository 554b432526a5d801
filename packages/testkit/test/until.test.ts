import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { until } from '@reuse/testkit'

test('until() returns the first truthy result of the condition', async () => {
  let tries = 0
  assert.equal(await until(() => (++tries < 3 ? null : 'third')), 'third')
  assert.equal(tries, 3)
})

test('until() fails with a message that shows the condition or its description', () => {
  const code = `import { until } from '@reuse/testkit'
    const show = ({ message }) => console.log(message)
    await until(() => 1 > 2).catch(show)
    await until(async () => false, () => 'it is red').catch(show)`
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: new URL('../..', import.meta.url),
    env: { ...process.env, TEST_PATIENCE: '20' },
    encoding: 'utf8',
  })
  assert.equal(output, 'after 20 ms this did not come true: () => 1 > 2\nafter 20 ms it is red\n')
})
