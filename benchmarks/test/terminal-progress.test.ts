import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TerminalProgress } from '../src/harness/terminal-progress.js'

test('progress shows what runs and the time left, and records failures', (t) => {
  const lines: string[] = []
  t.mock.method(console, 'error', (line: string) => lines.push(line))
  let now = 0
  t.mock.method(performance, 'now', () => now)

  const progress = new TerminalProgress(
    new Map([
      ['scale', 60],
      ['cost', 40],
    ]),
  )
  progress.begin('scale')
  progress.step('4 members', 0, 2)
  now = 60_000 // Twice as long as was estimated.
  progress.step('16 members', 1, 2)
  progress.fail('16 members', new Error('one\ntwo'))
  progress.again('64 members', new Error('three'))
  progress.begin('cost')
  now = 120_000
  progress.step('kept', 0, 2)
  assert.deepEqual(lines, [
    'scale: 4 members; about 2 min left',
    'scale: 16 members; about 2 min left',
    'scale: 16 members failed\none\ntwo',
    'scale: 64 members failed, and is repeated\nthree',
    'cost: kept; about 80 s left',
  ])
  assert.deepEqual(progress.failed('scale'), [
    { side: '16 members', reason: 'failed: one' },
    { side: '64 members, the first attempt', reason: 'failed: three' },
  ])
  assert.deepEqual(progress.failed('cost'), [])
})
