/** Real programs of the framework that come and go under load. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AdapterHarness } from './harness.js'
import { restartUnderLoad, underLoad } from './restart.js'

export function leaveTests<Listener>(harness: AdapterHarness<Listener>): void {
  const skip = !harness.capabilities.holders && 'this system cannot leave without a loss'

  test('under load, restarts with close() lose no request, and kills lose some', {
    skip,
  }, async (t) => {
    const left = await restartUnderLoad(harness, t, async (program) => {
      await program.ask('close')
      assert.deepEqual(await program.exit(), { code: 0, signal: null })
    })
    // Connections that a program has accepted are lost with it; those that wait are not. One remains.
    const killed = await underLoad(harness, t, async ([, ...others]) => {
      for (const program of others) await program.end('SIGKILL')
    })

    assert.deepEqual(left.newConnections.failed, {})
    assert.deepEqual(left.keepAlive.failed, {})
    assert.ok(left.newConnections.answered > 100)
    assert.ok(left.keepAlive.answered > 100)
    const reset = [killed.newConnections, killed.keepAlive].map(({ failed }) => failed.ECONNRESET)
    assert.ok(
      reset.some((count) => count !== undefined),
      'the load is strong enough to see a loss',
    )
  })
}
