import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { timeOfClose } from '../src/restart/time-of-close.js'

async function listening(): Promise<http.Server> {
  const server = http.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

test('a synchronous close is reported at once, before the close event', async () => {
  const server = await listening()
  const order: string[] = []
  server.once('close', () => order.push('event'))
  timeOfClose(
    server,
    () => server.close(),
    (milliseconds) => {
      assert.ok(milliseconds >= 0)
      order.push('told')
    },
  )
  await once(server, 'close')
  assert.deepEqual(order, ['told', 'event'])
})

test('the time of a deferred close counts until the listener is closed', async () => {
  const server = await listening()
  const later = 50
  const time = await new Promise<number>((resolve) => {
    timeOfClose(
      server,
      () => void delay(later).then(() => server.close()),
      (milliseconds) => {
        assert.equal(server.listening, false)
        resolve(milliseconds)
      },
    )
  })
  // Timers may fire a millisecond early.
  assert.ok(time >= later - 1, `${time} ms`)
})

test('a server that merely claims to be closed is not reported as closed', async (t) => {
  if (process.platform !== 'linux') return t.skip('descriptors are read from /proc')
  const server = await listening()
  let closed = false
  const told = new Promise<void>((resolve) => {
    timeOfClose(
      server,
      () => {
        Object.defineProperty(server, 'listening', { value: false })
        setImmediate(() => {
          closed = true
          server.close()
        })
      },
      () => {
        assert.ok(closed)
        resolve()
      },
    )
  })
  await told
})
