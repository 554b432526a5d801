import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { readBinary } from '../../src/check/read-binary.js'
import { findProblems } from '../../src/check/rules.js'
import { root } from '../../src/root.js'
import { thisMachine } from '../../src/this-machine.js'

const file = path.join(root, 'packages/core/native/build/Release/reuse.node')
// prebuildify moves it away, into prebuilds.
const skip = !existsSync(file) && 'npm run build makes it'

test('the addon that node-gyp builds here passes the check', { skip }, () => {
  assert.deepEqual(findProblems(readBinary(readFileSync(file)), thisMachine()), [])
})
