/** How long programs wait for a processor, as opposed to running. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { firstCpu, until } from '@reuse/testkit'
import { runDelayOf } from '../src/state/run-delay.js'

const needsTaskset =
  spawnSync('taskset', ['-V']).status === 0 ? {} : { skip: 'there is no taskset' }

/** Starts a shell that computes in a child process, on the first processor that it may use. */
async function startBusy(t: TestContext): Promise<number> {
  const busy = 'sh -c "while :; do :; done" & echo; wait'
  const child = spawn('taskset', ['-c', firstCpu(), 'sh', '-c', busy], { detached: true })
  const { pid = 0 } = child
  t.after(() => process.kill(-pid, 'SIGKILL'))
  await once(child.stdout, 'data')
  return pid
}

test(
  'runDelayOf includes how long the children of a program have waited for a CPU',
  needsTaskset,
  async (t) => {
    const [first] = await Promise.all([startBusy(t), startBusy(t)])
    await until(
      () => runDelayOf(first) >= 200,
      () => `it has waited for ${runDelayOf(first)} ms`,
    )
  },
)

test('runDelayOf is 0 for a process that has ended', async () => {
  const child = spawn('true')
  await once(child, 'close')
  assert.equal(runDelayOf(child.pid ?? 0), 0)
})
