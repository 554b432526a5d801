import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileLibrary, goodSource, layOut, skipWithoutElf } from './binaries.js'

const program = fileURLToPath(new URL('../../src/check/main.js', import.meta.url))
const target = `linux-${process.arch}-musl`

function run(...args: string[]) {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: 'utf8',
  })
  assert.equal(signal, null)
  return { status, stdout, stderr }
}

test('a good binary gives exit code 0', { skip: skipWithoutElf }, (t) => {
  const folder = layOut(t, {
    [`core/prebuilds/linux-${process.arch}/reuse.musl.node`]: compileLibrary(t, goodSource),
  })
  assert.deepEqual(run(folder, '--only', target), {
    status: 0,
    stdout: '1 of 1 binaries are as they should be.\n',
    stderr: '',
  })
})

test('missing binaries give exit code 1, and a line for each', (t) => {
  const { status, stderr } = run(layOut(t, {}), '--only=darwin')
  assert.equal(status, 1)
  assert.equal(
    stderr,
    'core/prebuilds/darwin-x64/reuse.node: expected a binary, found no file.\n' +
      'core/prebuilds/darwin-arm64/reuse.node: expected a binary, found no file.\n',
  )
})

test('wrong arguments give exit code 2 and a message', (t) => {
  const folder = layOut(t, {})
  assert.match(run().stderr, /expected one folder/)
  assert.match(run(folder, folder).stderr, /expected one folder/)
  assert.match(run(folder, '--all').stderr, /--all/)
  const unknown = run(folder, '--only', 'linux-x64,linux-x86')
  assert.equal(unknown.status, 2)
  assert.match(unknown.stderr, /there is no target "linux-x86"; there are linux-x64-glibc, /)
})
