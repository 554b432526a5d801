import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { needs } from '@reuse/testkit'
import { untilCalm } from '../src/harness/processes.js'

const work = `
while (process.cpuUsage().user < 500_000);
console.log('done')
setInterval(() => {}, 60_000)`

test('untilCalm waits for processes still busy after their start', needs('linux'), async (t) => {
  const child = spawn(process.execPath, ['-e', work], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  let isDone = false
  child.stdout.once('data', () => {
    isDone = true
  })
  assert.ok(child.pid !== undefined)
  await untilCalm([child.pid])
  assert.ok(isDone)
})
