import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasReusePort } from '../src/node-version.js'

test('hasReusePort is true from Node 22.12 and 23.1 on', () => {
  for (const version of ['v20.20.2', 'v22.11.0', 'v23.0.0']) {
    assert.equal(hasReusePort(version), false, version)
  }
  for (const version of ['v22.12.0', 'v23.1.0', 'v24.0.0', 'v26.10.0']) {
    assert.equal(hasReusePort(version), true, version)
  }
})
