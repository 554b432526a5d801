/** UDP sockets that share a port. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Fixture, lacks, needs, startNode } from '@reuse/testkit'
import { type Member, peers, type ReuseOptions, setReuse } from '../src/index.js'
import { native } from '../src/native.js'
import { datagramSocket } from '../src/node/datagram.js'
import type { DatagramMemberArguments } from './fixtures/datagram-member.js'
import { bound, failure, until } from './listening.js'
import { fixtureFile } from './programs.js'

const isRoot = process.getuid?.() === 0

function sharedSocket(
  t: TestContext,
  options?: ReuseOptions,
  type: dgram.SocketOptions = { type: 'udp4' },
): { socket: dgram.Socket; member: Member } {
  const socket = dgram.createSocket(type)
  t.after(() => socket.close())
  return { socket, member: setReuse(socket, options) }
}

function fdOf(socket: dgram.Socket): number {
  const fd = datagramSocket(socket)
  assert.ok(fd !== null)
  return fd
}

function startProgram(t: TestContext, program: DatagramMemberArguments): Fixture {
  return startNode(t, fixtureFile('datagram-member.js'), { args: [JSON.stringify(program)] })
}

test('several programs get datagrams, each flow its own program', needs('balance'), async (t) => {
  const first = startProgram(t, { port: 0 })
  const { port } = await first.hear<AddressInfo>('ready')
  const programs = [first, startProgram(t, { port }), startProgram(t, { port })]
  for (const other of programs.slice(1)) await other.hear('ready')

  const answers = new Map<string, Set<number>>()
  for (let client = 0; client < 60; client++) {
    const socket = dgram.createSocket('udp4')
    socket.connect(port, '127.0.0.1')
    await once(socket, 'connect')
    for (let i = 0; i < 3; i++) {
      socket.send('who?')
      const [answer] = await once(socket, 'message')
      const clients = answers.get(String(answer)) ?? new Set()
      answers.set(String(answer), clients.add(client))
    }
    socket.close()
  }

  assert.deepEqual(new Set(answers.keys()), new Set(programs.map(({ pid }) => String(pid))))
  const flows = [...answers.values()].reduce((sum, clients) => sum + clients.size, 0)
  assert.equal(flows, 60, 'no flow is answered by two programs')
})

test('every form of bind, and a second socket on the port that came out', async (t) => {
  const forms: ((socket: dgram.Socket, port: number) => void)[] = [
    (socket, port) => socket.bind(port),
    (socket, port) => socket.bind(port, '127.0.0.1'),
    (socket, port) => socket.bind(port, 'localhost'),
    (socket, port) => socket.bind({ port }),
    (socket, port) => socket.bind({ port, address: '127.0.0.1', exclusive: false }),
    (socket, port) => socket.bind(port, '127.0.0.1', () => {}),
    (socket, port) => (port === 0 ? socket.bind() : socket.bind(port)),
    (socket, port) => (port === 0 ? socket.bind(() => {}) : socket.bind(port, () => {})),
  ]
  for (const bind of forms) {
    const { socket, member } = sharedSocket(t)
    bind(socket, 0)
    const port = await bound(socket)
    const second = sharedSocket(t)
    bind(second.socket, port)
    assert.equal(await bound(second.socket), port)
    assert.deepEqual(member.address(), second.member.address())
    if (!lacks('peers')) assert.equal((await member.peers()).length, 2)
  }
})

test('a port that is none is an error', async (t) => {
  const { socket } = sharedSocket(t)
  socket.bind(65536)
  assert.equal((await failure(socket)).code, 'EINVAL')
})

test('IPv6, and ipv6Only', async (t) => {
  const { socket, member } = sharedSocket(t, {}, { type: 'udp6', ipv6Only: true })
  socket.bind(0)
  const port = await bound(socket)
  assert.deepEqual(member.address(), { address: '::', port, family: 'IPv6' })
  const four = dgram.createSocket('udp4') // IPv4 is free beside it.
  four.bind(port)
  await bound(four)
  four.close()
})

test('port 0 is never a port that is shared already', needs('freshPorts'), async (t) => {
  const ports = new Set<number>()
  for (let i = 0; i < 200; i++) {
    const { socket } = sharedSocket(t)
    socket.bind(0, '127.0.0.1')
    ports.add(await bound(socket))
  }
  assert.equal(ports.size, 200)
})

test('the kernel alone would give port 0 a shared port', needs('linux'), (t) => {
  // Why the socket binds before it shares. It fails if a kernel mends this: then the detour can go.
  const opened: number[] = []
  t.after(() => opened.forEach(native.close))
  const ports = new Set<number>()
  for (let i = 0; i < 2000; i++) {
    const socket = native.open('udp', 4)
    opened.push(socket)
    native.setOption(socket, 'SO_REUSEPORT', 1)
    native.bind(socket, '127.0.0.1', 0)
    ports.add(native.getAddress(socket).port)
  }
  assert.ok(ports.size < 2000)
})

test('exclusive: nobody joins, SO_REUSEADDR or not', async (t) => {
  const { socket } = sharedSocket(t, { exclusive: true })
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)

  const sharer = sharedSocket(t).socket
  sharer.bind(port, '127.0.0.1')
  const error = await failure(sharer)
  assert.equal(error.code, 'EADDRINUSE')
  assert.match(error.hint ?? '', /does not share/)

  const reuser = sharedSocket(t, {}, { type: 'udp4', reuseAddr: true }).socket
  reuser.bind(port, '127.0.0.1')
  assert.equal((await failure(reuser)).code, 'EADDRINUSE')
})

test('another user cannot join, SO_REUSEADDR or not', async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const { socket } = sharedSocket(t)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  for (const reuseAddr of [false, true]) {
    const other = startProgram(t, { port, uid: 65534, reuseAddr })
    assert.equal((await other.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
  }
})

test('reuseAddr keeps its meaning beside the sharing', async (t) => {
  const plain = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  t.after(() => plain.close())
  plain.bind(0, '127.0.0.1')
  const port = await bound(plain)
  const { socket } = sharedSocket(t, {}, { type: 'udp4', reuseAddr: true })
  socket.bind(port, '127.0.0.1')
  await bound(socket)
})

test('a socket that is bound already begins to share', needs('afterListen', 'peers'), async (t) => {
  const socket = dgram.createSocket('udp4')
  t.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  const member = setReuse(socket)
  const joiner = sharedSocket(t).socket
  joiner.bind(port, '127.0.0.1')
  await bound(joiner)
  assert.equal((await member.peers()).length, 2)
})

test('what waits is counted in bytes', needs('queue', 'python'), async (t) => {
  const { socket, member } = sharedSocket(t)
  assert.throws(() => member.queue(), { code: 'ERR_REUSE_NOT_LISTENING' })
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  assert.equal(member.queue().length, 0)
  assert.ok(member.queue().limit > 0)

  // Sent while the event loop stands still, so that nothing is read in between.
  const send = `import socket; socket.socket(2, 2).sendto(b"x" * 1000, ("127.0.0.1", ${port}))`
  execFileSync('python3', ['-c', send])
  assert.ok(member.queue().length >= 1000)
  await once(socket, 'message')
  assert.equal(member.queue().length, 0)
})

test(
  'a leave reads what waits, where a plain close loses it',
  needs('steering', 'python'),
  async (t) => {
    const { socket: other } = sharedSocket(t)
    other.bind(0, '127.0.0.1')
    const port = await bound(other)
    // Sent from many ports while the event loop stands still, so that both sockets have some waiting.
    const send = `import socket
for i in range(200): socket.socket(2, 2).sendto(b"x", ("127.0.0.1", ${port}))`

    for (const leave of [true, false]) {
      const socket = dgram.createSocket('udp4')
      const member = setReuse(socket)
      socket.bind(port, '127.0.0.1')
      await bound(socket)
      let received = 0
      const count = (): number => received++
      socket.on('message', count)
      other.on('message', count)
      execFileSync('python3', ['-c', send])
      const ends = once(socket, 'close')
      if (leave) {
        const { lossless, drained } = await member.leave()
        assert.equal(lossless, true)
        assert.ok(drained > 0)
      } else {
        dgram.Socket.prototype.close.call(socket)
      }
      await ends
      await until(() => native.getQueue(fdOf(other)).length === 0)
      other.off('message', count)
      if (leave) assert.equal(received, 200)
      else assert.ok(received < 200)
    }
  },
)

test('what is sent during a leave goes to the others', needs('steering'), async (t) => {
  const socket = dgram.createSocket('udp4')
  const member = setReuse(socket)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  const other = startProgram(t, { port })
  await other.hear('ready')
  const [report] = await Promise.all([member.leave(), once(socket, 'close')])
  assert.equal(report.lossless, true)
  const client = dgram.createSocket('udp4')
  t.after(() => client.close())
  for (let i = 0; i < 20; i++) {
    client.send('who?', port, '127.0.0.1')
    assert.equal(String((await once(client, 'message'))[0]), String(other.pid))
  }
})

test('a closed socket', async () => {
  const socket = dgram.createSocket('udp4')
  const member = setReuse(socket)
  socket.bind(0)
  await bound(socket)
  socket.close()
  assert.equal(member.address(), null)
  const again = dgram.createSocket('udp4')
  again.close()
  assert.throws(() => setReuse(again), { code: 'ERR_REUSE_NOT_LISTENING' })
})

test('a bind that fails without a listener for errors ends the program, as in plain Node', async (t) => {
  const holder = dgram.createSocket('udp4')
  t.after(() => holder.close())
  setReuse(holder, { exclusive: true })
  holder.bind(0, '127.0.0.1')
  const port = await bound(holder)
  const uncaught = new Promise<NodeJS.ErrnoException>((resolve) => {
    process.setUncaughtExceptionCaptureCallback(resolve)
    t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  })
  sharedSocket(t).socket.bind(port, '127.0.0.1')
  assert.equal((await uncaught).code, 'EADDRINUSE')
})

test('peers lists UDP sockets of a port', needs('peers'), async (t) => {
  const { socket } = sharedSocket(t)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  const [peer] = await peers({ port, protocol: 'udp' })
  assert.equal(peer?.pid, process.pid)
  assert.deepEqual(await peers({ port }), [])
})
