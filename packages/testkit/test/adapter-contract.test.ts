import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNode } from '@reuse/testkit'

test('an adapter that does nothing breaks the contract', async (t) => {
  const file = new URL('./fixtures/no-adapter.js', import.meta.url)
  // Without this variable the runner in the child reports to people, not to this runner.
  const env = { NODE_TEST_CONTEXT: undefined }

  const contract = startNode(t, file, { execArgv: ['--test-reporter=tap'], env })

  assert.deepEqual(await contract.exit(), { code: 1, signal: null })
  const tests = [...contract.output.matchAll(/^ {8}(ok|not ok) \d+ - (.*)$/gm)]
  const kept = tests.filter(([, outcome]) => outcome === 'ok').map(([, , name]) => name)
  const broken = tests.filter(([, outcome]) => outcome === 'not ok').map(([, , name]) => name)
  assert.deepEqual(kept, ['without the adapter the second program is refused'])
  assert.ok(broken.includes('every program answers, and every request is answered'))
  assert.ok(broken.includes('cluster workers bind by themselves'))
})
