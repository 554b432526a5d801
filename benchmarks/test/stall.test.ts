import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { until } from '@reuse/testkit'
import { stallNowAndThen } from '../src/tail/stall.js'

const skip = process.platform === 'linux' ? false : 'the state of a process is read from /proc'

async function sleeper(t: TestContext): Promise<ChildProcess & { pid: number }> {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: 'pipe' })
  t.after(() => child.kill('SIGKILL'))
  await once(child, 'spawn')
  const { pid } = child
  assert.ok(pid !== undefined)
  return Object.assign(child, { pid })
}

/** See proc_pid_stat(5). */
function isStopped(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ')
}

test('a process is stopped and resumed repeatedly, and runs at the end', { skip }, async (t) => {
  const { pid } = await sleeper(t)
  {
    await using _ = stallNowAndThen(pid, { stopped: 50, every: 100 })
    for (let i = 0; i < 2; i++) {
      await until(() => isStopped(pid))
      await until(() => !isStopped(pid))
    }
    await until(() => isStopped(pid))
  }
  await until(() => !isStopped(pid))
})

test('stalling a process that has ended rejects with ESRCH', { skip }, async (t) => {
  const process = await sleeper(t)
  const stall = stallNowAndThen(process.pid, { stopped: 60_000, every: 120_000 })
  process.kill('SIGKILL')
  await once(process, 'exit')
  await assert.rejects(async () => stall[Symbol.asyncDispose](), { code: 'ESRCH' })
})
