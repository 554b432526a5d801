/** Unchanged programs share a port, and one of two leaves under load. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort, startFixture, until } from '@reuse/testkit'
import { startExec, untilListeners } from './exec-programs.js'
import { needsPython } from './programs.js'
import { askOnce, startTcpStorm } from './tcp-storm.js'
import { missingFor, unchangedPrograms } from './unchanged-programs.js'

for (const program of unchangedPrograms) {
  const { name, send, expect, options: exec = [] } = program
  const missing = missingFor(program)
  const needs = missing === undefined ? needsPython : { skip: `${missing} is not installed` }

  test(`${name}: two instances share a port, and one leaves without loss`, needs, async (t) => {
    const port = await freePort()
    const about = { port, send, expect }
    const words = program.start(t, port)
    const first = startExec(t, ['--port', port, ...exec], words)
    await until(
      async () => {
        assert.ok(first.running, first.output)
        return (await askOnce(about)) === 'answered'
      },
      () => first.output,
    )
    // The same program without `reuse exec` is refused.
    const bare = startFixture(t, words)
    const { code } = await bare.exit()
    assert.notEqual(code, 0)

    const second = startExec(t, ['--port', port, ...exec], program.start(t, port))
    await untilListeners(port, 2)
    const storm = startTcpStorm(about)
    for (let i = 0; i < 20; i++) await askOnce(about)
    // The launcher takes it out of the group first.
    const leaving = first.end()
    for (let i = 0; i < 20; i++) await askOnce(about)
    await leaving
    await untilListeners(port, 1)
    for (let i = 0; i < 20; i++) await askOnce(about)
    const { answered, failed } = await storm.stop()
    assert.ok(answered > 40, `${answered} answers`)
    assert.deepEqual(failed, {})
    assert.ok(second.running, second.output)
    await second.end()
    await untilListeners(port, 0)
  })
}
