import assert from 'node:assert/strict'
import { test } from 'node:test'
import byDefault, { reuse } from '@reuse/express'
import { adapterContract } from '@reuse/testkit'
import { express5Harness } from './harness-5.js'

adapterContract('Express 5', express5Harness)

test('the default export is the named one', () => {
  assert.equal(byDefault, reuse)
})
