/** The lock under which a group's filter is changed. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import { constants } from 'node:os'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { needs, startNode } from '@reuse/testkit'
import { acquireLock, tryLock } from '../src/group/lock.js'
import { native } from '../src/socket/native.js'
import { listening, sharedServer, until } from './listening.js'
import { fixtureFile } from './programs.js'
import { openDescriptors } from './raw-member.js'

const needsHolders = needs('holders')
const keyFor = (what: string): string => `test/${process.pid}/${what}`

test('only one holder has the lock at a time', needsHolders, () => {
  const lock = tryLock(keyFor('one'))
  assert.ok(lock)
  assert.equal(tryLock(keyFor('one')), null)
  lock.release()
  tryLock(keyFor('one'))?.release()
})

test('trying a held lock again and again leaves no descriptor open', needsHolders, (t) => {
  const lock = tryLock(keyFor('many'))
  assert.ok(lock)
  t.after(() => lock.release())
  const before = openDescriptors()
  // More attempts than there is room for in the queue of the lock's holder.
  const room = Number(fs.readFileSync('/proc/sys/net/core/somaxconn', 'latin1'))
  const most = Math.min(4096, room) + 5
  for (let i = 0; i < most; i++) assert.equal(tryLock(keyFor('many')), null)
  assert.ok(openDescriptors() <= before)
})

test('tryLock() gives up if the lock is freed during the attempt', needsHolders, (t) => {
  const fail = (name: string): never => {
    throw Object.assign(new Error(name), {
      errno: constants.errno[name as 'EADDRINUSE'],
      syscall: name,
    })
  }
  const { openEndpoint } = native
  let opened = 0
  const open = t.mock.method(native, 'openEndpoint', (name: string) =>
    opened++ === 0 ? fail('EADDRINUSE') : openEndpoint(name),
  )
  const connect = t.mock.method(native, 'connectEndpoint', () => fail('ECONNREFUSED'))
  // Under another name of the lock, it would be a second lock.
  assert.equal(tryLock(keyFor('late')), null)
  open.mock.restore()
  connect.mock.restore()
  const lock = tryLock(keyFor('late'))
  assert.ok(lock)
  assert.equal(tryLock(keyFor('late')), null)
  lock.release()
})

test('acquireLock() does not wait forever for a holder that keeps it', needsHolders, async (t) => {
  const lock = tryLock(keyFor('kept'))
  assert.ok(lock)
  t.after(() => lock.release())
  let isGiven = false
  acquireLock(keyFor('kept')).then((given) => {
    isGiven = true
    given.release() // The lock is not held, and this does not release another's.
  })
  await until(() => isGiven)
  assert.equal(tryLock(keyFor('kept')), null)
})

test('a thread that is terminated frees its lock', needsHolders, async () => {
  const key = keyFor('thread')
  const worker = new Worker(fixtureFile('lock-thread.js'), { workerData: key })
  await once(worker, 'message')
  assert.equal(tryLock(key), null)
  await worker.terminate()
  const lock = tryLock(key)
  assert.ok(lock)
  lock.release()
})

test('waiting for the lock keeps no process alive', needsHolders, async (t) => {
  const lock = tryLock(keyFor('waiter'))
  assert.ok(lock)
  t.after(() => lock.release())
  const waiter = startNode(t, fixtureFile('lock-waiter.js'), { args: [keyFor('waiter')] })
  await waiter.hear('ready')
  assert.deepEqual(await waiter.exit(), { code: 0, signal: null })
  await assert.rejects(waiter.hear('had'), /ended before/)
})

test('a failed change of the filter is tried again', needs('holders', 'steering'), async (t) => {
  const first = sharedServer(t, { weight: 3 })
  const warned = once(process, 'warning')
  first.server.listen(0, '127.0.0.1')
  const port = await listening(first.server)
  let attached = 0
  let refused = 0
  const { attachFilter } = native
  t.mock.method(native, 'attachFilter', (socket: number, filter: Uint8Array) => {
    // ENOMEM, once for each member.
    if (refused++ < 2) throw Object.assign(new Error('x'), { errno: 12, syscall: 'setsockopt' })
    attachFilter(socket, filter)
    attached++
  })
  const second = sharedServer(t, { weight: 1 })
  second.server.listen(port, '127.0.0.1')
  await listening(second.server)
  await until(() => refused > 1)
  const [warning] = await warned
  assert.equal(warning.code, 'REUSE_NOT_ARRANGED')
  await until(() => attached > 0)
})
