/** `reuse explain`: why a bind fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsLinux, needsPython, reuse, startMember, startStranger } from './programs.js'

test('reuse explain names the program that does not share its port', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  const { status, stdout, stderr } = await reuse(['explain', port])
  assert.deepEqual([status, stderr], [0, ''])
  const [summary, advice, reason] = stdout.trimEnd().split('\n')
  assert.match(summary ?? '', new RegExp(`pid ${program.pid}, .* does not share it\\.$`))
  assert.match(advice ?? '', /^Start both with @reuse/)
  assert.equal(reason, 'Reason: not-shared')
})

test('reuse explain --json reports a shared port and its holders', needsLinux, async (t) => {
  const { program, port } = await startMember(t)
  const { status, stdout } = await reuse(['explain', '--json', `127.0.0.1:${port}`])
  const { reason, shared, holders } = JSON.parse(stdout)
  assert.deepEqual([status, reason, shared], [0, 'shared', true])
  assert.equal(holders[0].pid, program.pid)
})

test('reuse explain says that a free port can be bound', needsPython, async (t) => {
  const { program, port } = await startStranger(t)
  await program.end('SIGKILL')
  const { status, stdout } = await reuse(['explain', port])
  assert.equal(status, 0)
  assert.match(stdout, /^No socket holds .*\nIt can be bound\.\nReason: free\n$/)
})

test('reuse explain fails for an unknown host name', needsLinux, async () => {
  const { status, stdout, stderr } = await reuse(['explain', 'no-such-host.invalid:3000'])
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /^reuse: getaddrinfo \w+ no-such-host\.invalid\n$/)
})
