/** Duplicates that a member serves, in one process. */
import assert from 'node:assert/strict'
import net from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { needs } from '@reuse/testkit'
import { Custody } from '../src/group/custody.js'
import { inodeOf } from '../src/group/group.js'
import type { Service } from '../src/group/service.js'
import { native } from '../src/socket/native.js'
import { breakCall } from './broken-call.js'
import { until } from './listening.js'
import { openDescriptors } from './raw-member.js'
import { forever } from './waiting.js'

function listen(t: TestContext): number {
  const listener = native.open('tcp', 4)
  t.after(() => native.close(listener))
  native.bind(listener, '127.0.0.1', 0)
  native.listen(listener, 128)
  return listener
}

/** A listener, the custody that holds a duplicate of it, and what that has served. */
function startCustody(t: TestContext, hasRoom: () => boolean = () => true, onServed = () => {}) {
  const own = listen(t)
  const listener = listen(t)
  const served: number[] = []
  /** How many were served in each turn of the event loop. */
  const turns: number[] = []
  let isNewTurn = true
  const service: Service = {
    hasRoom,
    accepted: () => null,
    serveConnection: (connection) => {
      served.push(connection)
      if (isNewTurn) {
        turns.push(0)
        isNewTurn = false
        setImmediate(() => {
          isNewTurn = true
        })
      }
      turns.push((turns.pop() ?? 0) + 1)
      native.close(connection)
      onServed()
    },
    deliver: () => {},
  }
  const custody = new Custody('tcp', own, service)
  const inode = inodeOf(listener)
  custody.hold(inode, native.duplicate(listener))
  t.after(() => custody.close())
  return { own, listener, custody, inode, served, turns }
}

const queueOf = (socket: number): number => native.getQueue(socket).length

function connectTo(t: TestContext, listener: number): void {
  const { port } = native.getAddress(listener)
  const client = net.connect(port, '127.0.0.1').on('error', () => {})
  t.after(() => client.destroy())
}

/** Lets connections wait at a listener. */
async function fill(t: TestContext, listener: number, count: number): Promise<void> {
  for (let i = 0; i < count; i++) connectTo(t, listener)
  await until(() => queueOf(listener) === count)
}

test('a duplicate that is out of its group is closed', needs('holders'), async (t) => {
  const { listener, custody, inode } = startCustody(t)
  custody.assign(inode, { kind: 'adopted' })
  native.shutDown(listener)
  await until(() => !custody.has(inode))
})

test('custody holds one duplicate of a listener, and none after release', needs('holders'), (t) => {
  const { listener, custody, inode } = startCustody(t)
  const before = openDescriptors()
  custody.hold(inode, native.duplicate(listener))
  assert.equal(openDescriptors(), before)
  custody.release(inode)
  assert.equal(openDescriptors(), before - 1)
  assert.equal(custody.has(inode), false)
})

test('a duplicate that becomes merely held is no longer served', needs('holders'), async (t) => {
  const { custody, inode, served, listener } = startCustody(t)
  custody.assign(inode, { kind: 'rescued', patience: 3, share: 0.5 })
  custody.assign(inode, { kind: 'held' })
  await fill(t, listener, 4)
  await setTimeout(200)
  assert.equal(served.length, 0)
  // A different share is a different duty, too.
  custody.assign(inode, { kind: 'rescued', patience: forever, share: 0.5 })
  custody.assign(inode, { kind: 'rescued', patience: 3, share: 0.5 })
  await until(() => served.length === 4)
})

test('a duplicate released while being served is served no more', needs('holders'), async (t) => {
  const { custody, inode, served, listener } = startCustody(
    t,
    () => true,
    () => custody.release(inode),
  )
  await fill(t, listener, 3)
  const accepted = t.mock.method(native, 'accept')
  custody.assign(inode, { kind: 'adopted' })
  await until(() => served.length === 1)
  await setTimeout(200)
  // Its descriptor may now be another listener's.
  assert.equal(accepted.mock.callCount(), 1)
})

test('a throwing handler does not end the service of a duplicate', needs('holders'), async (t) => {
  const { custody, inode, served, listener } = startCustody(
    t,
    () => true,
    () => {
      if (served.length === 1) throw new Error('of the program')
    },
  )
  const thrown: Error[] = []
  process.setUncaughtExceptionCaptureCallback((error) => thrown.push(error))
  t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  custody.assign(inode, { kind: 'adopted' })
  connectTo(t, listener)
  await until(() => thrown.length === 1)
  connectTo(t, listener)
  await until(() => served.length === 2)
})

test(
  'custody that stops while it serves takes at most one more connection',
  needs('holders'),
  async (t) => {
    const custodies: Custody[] = []
    const { custody, inode, served, listener } = startCustody(t, () => {
      if (served.length === 1) custodies[0]?.stop()
      return true
    })
    custodies.push(custody)
    await fill(t, listener, 3)
    custody.assign(inode, { kind: 'adopted' })
    await until(() => served.length > 0)
    await setTimeout(100)
    // The connection for which there was room already.
    assert.ok(served.length <= 2, `${served.length}`)
    assert.ok(custody.has(inode))
  },
)

test('connections wait while there is no room, then are served', needs('holders'), async (t) => {
  let room = 0
  const { custody, inode, served, listener } = startCustody(t, () => served.length < room)
  custody.assign(inode, { kind: 'adopted' })
  await fill(t, listener, 3)
  room = 2
  await until(() => served.length === 2)
  assert.equal(queueOf(listener), 1)
  assert.equal(custody.served, 2)
})

test('connections wait while descriptors run out, then are served', needs('holders'), async (t) => {
  const { custody, inode, served, listener } = startCustody(t)
  const { restore, failed } = breakCall(t, 'accept', os.constants.errno.EMFILE)
  custody.assign(inode, { kind: 'adopted' })
  await fill(t, listener, 3)
  await until(() => failed() > 1)
  restore()
  await until(() => served.length === 3)
})

test('connections wait while polling fails, then are served', needs('holders'), async (t) => {
  const { custody, inode, served, listener } = startCustody(t)
  const { restore, failed } = breakCall(t, 'pollOnce', os.constants.errno.ENOSPC)
  custody.assign(inode, { kind: 'adopted' })
  await fill(t, listener, 3)
  await until(() => failed() > 1)
  restore()
  await until(() => served.length === 3)
})

test(
  'of what waits at a live member, only a share is taken at a time',
  needs('holders'),
  async (t) => {
    const { custody, inode, served, turns, listener } = startCustody(t)
    await fill(t, listener, 16)
    custody.assign(inode, { kind: 'rescued', patience: 3, share: 0.5 })
    await until(() => served.length === 16)
    // All that is taken at once is taken in one turn of the event loop.
    assert.equal(turns[0], 8)
  },
)

test('the event loop gets its turn after 64 connections', needs('holders'), async (t) => {
  const { custody, inode, served, turns, listener } = startCustody(t)
  await fill(t, listener, 100)
  custody.assign(inode, { kind: 'guarded', patience: 3 })
  await until(() => served.length === 100)
  assert.equal(turns[0], 64)
})

test('a member rescues nothing while its own queue is not empty', needs('holders'), async (t) => {
  const { own, custody, inode, served, listener } = startCustody(t)
  await fill(t, own, 1)
  await fill(t, listener, 4)
  custody.assign(inode, { kind: 'rescued', patience: 3, share: 0.5 })
  await setTimeout(200)
  assert.equal(served.length, 0)
  const connection = native.accept(own)
  assert.ok(connection !== null)
  native.close(connection)
  await until(() => served.length === 4)
})
