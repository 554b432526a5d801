import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const fixture = fileURLToPath(new URL('./fixtures/delayed.js', import.meta.url))
const skip = process.platform === 'linux' ? false : 'network namespaces need Linux'

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`no network namespace is left after ${signal}`, { skip }, async (t) => {
    const holder = fork(fixture)
    const [message] = await once(holder, 'message')
    if ('skip' in message) {
      t.skip(message.skip)
      return
    }
    // The process that holds the namespace: the namespace has no other name.
    const [, process] = /^--net=(\/proc\/\d+)\/ns\/net$/.exec(message.ready) ?? []
    assert.ok(process && existsSync(process))
    holder.kill(signal)
    assert.deepEqual(await once(holder, 'exit'), [null, signal])
    const deadline = AbortSignal.timeout(10_000)
    while (existsSync(process)) await delay(10, undefined, { signal: deadline })
  })
}
