import assert from 'node:assert/strict'
import { test } from 'node:test'
import byDefault, { reuse } from '@reuse/koa'
import { adapterContract } from '@reuse/testkit'
import { koa3Harness } from './harness-3.js'

adapterContract('Koa 3', koa3Harness)

test('the default export is the named one', () => {
  assert.equal(byDefault, reuse)
})
