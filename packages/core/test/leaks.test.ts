/** No error path keeps a descriptor. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { test } from 'node:test'
import { lacks, needs } from '@reuse/testkit'
import { capabilities, connect, setReuse } from '../src/index.js'
import { native } from '../src/socket/native.js'
import { bound, failure, listening, sharedServer, until } from './listening.js'

/** So often that one descriptor kept each time would show. */
const times = 100

/** Where a system shows the descriptors of a process to itself. */
const descriptors = process.platform === 'darwin' ? '/dev/fd' : '/proc/self/fd'
const openDescriptors = (): number => fs.readdirSync(descriptors).length
const needsDescriptors = needs('descriptors')

/** A member has a listener; where members hold each other's, also a name, and two for each other member. */
const socketsOf = (members: number): number =>
  capabilities.holders ? members * (2 + 2 * (members - 1)) : members

test('a hundred failed listens leave no descriptor open', needsDescriptors, async (t) => {
  const holder = net.createServer().listen(0, '127.0.0.1')
  t.after(() => holder.close())
  const port = await listening(holder)
  const before = openDescriptors()
  for (let i = 0; i < times; i++) {
    const server = net.createServer()
    setReuse(server)
    server.listen(port, i % 2 ? '127.0.0.1' : '192.0.2.1')
    await failure(server)
  }
  assert.equal(openDescriptors(), before)
})

test('a hundred failed UDP binds leave no descriptor open', needsDescriptors, async (t) => {
  const holder = dgram.createSocket('udp4')
  t.after(() => holder.close())
  holder.bind(0, '127.0.0.1')
  const port = await bound(holder)
  const before = openDescriptors()
  for (let i = 0; i < times; i++) {
    const socket = dgram.createSocket('udp4')
    setReuse(socket)
    socket.bind(port, '127.0.0.1')
    await failure(socket)
    socket.close()
  }
  assert.equal(openDescriptors(), before)
})

test('a hundred failed connections leave no descriptor open', needsDescriptors, async (t) => {
  const holder = net.createServer().listen(0, '127.0.0.1')
  t.after(() => holder.close())
  const port = await listening(holder)
  const before = openDescriptors()
  for (let i = 0; i < times; i++) {
    const host = i % 2 ? '127.0.0.1' : 'localhost'
    const socket = connect({ port, host, localPort: port, localAddress: '127.0.0.1' })
    assert.equal((await failure(socket)).code, 'EADDRINUSE')
    if (!socket.closed) await once(socket, 'close')
  }
  assert.equal(openDescriptors(), before)
})

test('a hundred calls with a non-socket leave no descriptor open', needsDescriptors, () => {
  const file = fs.openSync(import.meta.filename, 'r')
  const before = openDescriptors()
  for (let i = 0; i < times; i++) {
    assert.throws(() => setReuse(file))
    assert.throws(() => native.bind(file, '127.0.0.1', 1))
    assert.throws(() => native.duplicate(2 ** 31 - 1))
  }
  assert.equal(openDescriptors(), before)
  fs.closeSync(file)
})

test(
  'closing members of one process frees their descriptors and leaves the others',
  needs('sharing', 'descriptors'),
  async (t) => {
    // What wakes members exists from the first one on.
    const warm = sharedServer(t).server
    warm.listen(0, '127.0.0.1')
    await listening(warm)
    warm.close()
    await once(warm, 'close')
    const before = openDescriptors()
    const servers = Array.from({ length: 20 }, () => sharedServer(t).server)
    const [first] = servers
    assert.ok(first)
    first.listen(0, '127.0.0.1')
    const port = await listening(first)
    for (const server of servers.slice(1)) {
      server.listen(port, '127.0.0.1')
      await listening(server)
    }
    await until(() => openDescriptors() === before + socketsOf(servers.length))
    for (const server of servers.slice(0, 10)) {
      server.close()
      await once(server, 'close')
    }
    // Orphans that nobody takes are taken out of the group, one after the other; where the kernel takes
    // no filter, each of the others keeps holding them.
    const orphans = capabilities.holders && lacks('steering') !== undefined ? 10 * 10 : 0
    await until(() => openDescriptors() === before + socketsOf(10) + orphans)
    const client = net.connect(port, '127.0.0.1')
    await once(client, 'connect')
    client.destroy()
  },
)
