import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { installNode } from '../src/node-release.js'
import { installFromNpm } from '../src/npm-package.js'

test('installNode() installs the requested release line from npm', async () => {
  const program = await installNode('22')
  assert.match(execFileSync(program, ['--version'], { encoding: 'utf8' }), /^v22\./)
  assert.equal(await installNode('22'), program)
})

test('a package that npm does not have is an error', async () => {
  await assert.rejects(installFromNpm('is-number', '0.0.999'), /is-number@0\.0\.999/)
})
