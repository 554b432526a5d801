import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { run, succeed } from '../../src/command.js'
import { makeBarePath } from '../../src/packages/bare-path.js'

test('a bare PATH has Node and a shell, but no build tools', async (t) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'reuse-path-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const PATH = makeBarePath(path.join(folder, 'bin'))

  const shell = path.join(PATH, 'sh')
  const printed = await succeed([shell, '-c', 'node --version'], { env: { PATH } })
  assert.equal(printed.trim(), process.version)
  for (const program of ['cc', 'gcc', 'g++', 'c++', 'clang', 'make', 'python3', 'python']) {
    const { status } = await run([shell, '-c', `command -v ${program}`], { env: { PATH } })
    assert.notEqual(status, 0, program)
  }
})
