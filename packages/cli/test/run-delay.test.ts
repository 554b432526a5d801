/** How long programs wait for a processor, which is not time in which they run. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { firstCpu, until } from '@reuse/testkit'
import { runDelayOf } from '../src/state/run-delay.js'

const needsTaskset =
  spawnSync('taskset', ['-V']).status === 0 ? {} : { skip: 'there is no taskset' }

/** Starts a shell that computes, on the first processor that it may use, in a process of its own. */
async function startBusy(t: TestContext): Promise<number> {
  const busy = 'sh -c "while :; do :; done" & echo; wait'
  const child = spawn('taskset', ['-c', firstCpu(), 'sh', '-c', busy], { detached: true })
  const { pid = 0 } = child
  t.after(() => process.kill(-pid, 'SIGKILL'))
  await once(child.stdout, 'data')
  return pid
}

test(
  'what waits for a processor, or has started what does, is known to',
  needsTaskset,
  async (t) => {
    const [first] = await Promise.all([startBusy(t), startBusy(t)])
    await until(
      () => runDelayOf(first) >= 200,
      () => `it has waited for ${runDelayOf(first)} ms`,
    )
  },
)

test('what has ended waits for nothing', async () => {
  const child = spawn('true')
  await once(child, 'close')
  assert.equal(runDelayOf(child.pid ?? 0), 0)
})
