/** UDP sockets that share a port. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Fixture, lacks, needs, startNode } from '@reuse/testkit'
import { type Member, memberOf, peers, type ReuseOptions, setReuse } from '../src/index.js'
import { datagramSocket } from '../src/node/datagram.js'
import { native } from '../src/socket/native.js'
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

function startProgram(t: TestContext, program: DatagramMemberArguments): Fixture {
  return startNode(t, fixtureFile('datagram-member.js'), { args: [JSON.stringify(program)] })
}

test('UDP flows spread over programs, and each stays with one', needs('balance'), async (t) => {
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

test(
  'a policy set on a lone UDP socket still holds when another joins',
  needs('steering'),
  async (t) => {
    const sockets = [sharedSocket(t), sharedSocket(t)]
    const [first, second] = sockets
    assert.ok(first && second)
    // Its group begins with the second socket: the kernel accepts no filter before that.
    first.socket.bind(0, '127.0.0.1')
    const port = await bound(first.socket)
    await first.member.steer({ payload: { offset: 0, length: 1 } })
    second.socket.bind(port, '127.0.0.1')
    await bound(second.socket)
    for (const { socket } of sockets) {
      socket.on('message', (_, { port, address }) =>
        socket.send(String(sockets.findIndex((one) => one.socket === socket)), port, address),
      )
    }
    const askAll = async (): Promise<Set<string>> => {
      const answers = new Set<string>()
      for (let client = 0; client < 30; client++) {
        const socket = dgram.createSocket('udp4')
        socket.send('a', port, '127.0.0.1')
        answers.add(String((await once(socket, 'message'))[0]))
        socket.close()
      }
      return answers
    }
    await until(async () => (await askAll()).size === 1)
  },
)

test(
  'bindSync() throws what is known, and a later error is left alone',
  needs('peers'),
  async (t) => {
    const holder = dgram.createSocket('udp4')
    t.after(() => holder.close())
    holder.bind(0, '127.0.0.1')
    const place = { port: await bound(holder), address: '127.0.0.1' }
    const { socket } = sharedSocket(t)
    if (!('bindSync' in socket) || typeof socket.bindSync !== 'function') {
      return t.skip('this Node has no bindSync')
    }
    const bindSync = socket.bindSync.bind(socket)
    assert.throws(() => bindSync(place), { code: 'EADDRINUSE', message: /\n.*holds|\n.*in use/ })
    const later = new Error('later')
    const emitted = once(socket, 'message').catch((error: unknown) => error)
    socket.emit('error', later)
    assert.equal(await emitted, later)
    assert.equal(later.message, 'later')
    bindSync({ port: 0, address: '127.0.0.1' })
  },
)

test(
  'a datagram that came before there was a holder can still be delivered',
  needs('holders'),
  async (t) => {
    const { socket } = sharedSocket(t)
    socket.bind(0, '127.0.0.1')
    const port = await bound(socket)
    const send = `
    const client = require('node:dgram').createSocket('udp4')
    client.send('early', ${port}, '127.0.0.1', () => client.close())`
    // This process does not read it meanwhile.
    execFileSync(process.execPath, ['--eval', send])
    const duplicate = native.duplicate(datagramSocket(socket) ?? -1)
    t.after(() => native.close(duplicate))
    native.tellDestination(duplicate)
    assert.equal(String(native.receiveDatagram(duplicate)?.data), 'early')
  },
)

test('every form of bind(0) gets a port that a second socket can share', async (t) => {
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

test('binding a UDP socket to port 65536 fails with EINVAL', async (t) => {
  const { socket } = sharedSocket(t)
  socket.bind(65536)
  assert.equal((await failure(socket)).code, 'EINVAL')
})

test('a udp6 socket with ipv6Only leaves its port free for IPv4', async (t) => {
  // The port is free for IPv4, unless another program has it.
  await until(async () => {
    const { socket, member } = sharedSocket(t, {}, { type: 'udp6', ipv6Only: true })
    socket.bind(0)
    const port = await bound(socket)
    assert.deepEqual(member.address(), { address: '::', port, family: 'IPv6' })
    const four = dgram.createSocket('udp4')
    t.after(() => four.close())
    four.bind(port)
    return bound(four).catch(({ code }) => assert.equal(code, 'EADDRINUSE'))
  })
})

test('bind(0) never gets a UDP port that is already shared', needs('freshPorts'), async (t) => {
  const ports = new Set<number>()
  for (let i = 0; i < 200; i++) {
    const { socket } = sharedSocket(t)
    socket.bind(0, '127.0.0.1')
    ports.add(await bound(socket))
  }
  assert.equal(ports.size, 200)
})

test('the kernel alone would pick a shared UDP port for bind(0)', needs('linux'), (t) => {
  // Why the socket binds before it shares. The test fails if a kernel fixes this: then the detour can go.
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

test('nobody joins an exclusive UDP socket, with SO_REUSEADDR or without', async (t) => {
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

test('another user cannot join a UDP socket, with SO_REUSEADDR or without', async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const { socket } = sharedSocket(t)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  for (const reuseAddr of [false, true]) {
    const other = startProgram(t, { port, uid: 65534, reuseAddr })
    assert.equal((await other.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
  }
})

test('reuseAddr still works on a UDP socket that shares its port', async (t) => {
  const plain = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  t.after(() => plain.close())
  plain.bind(0, '127.0.0.1')
  const port = await bound(plain)
  const { socket } = sharedSocket(t, {}, { type: 'udp4', reuseAddr: true })
  socket.bind(port, '127.0.0.1')
  await bound(socket)
})

test('a bound UDP socket can begin to share its port', needs('afterListen', 'peers'), async (t) => {
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

test('queue() of a UDP socket counts waiting bytes', needs('queue', 'python'), async (t) => {
  const { socket, member } = sharedSocket(t)
  assert.throws(() => member.queue(), { code: 'ERR_REUSE_NOT_LISTENING' })
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  assert.equal(member.queue().length, 0)
  assert.ok(member.queue().limit > 0)

  // Sent while the event loop is blocked, so that nothing is read in between.
  const send = `import socket; socket.socket(2, 2).sendto(b"x" * 1000, ("127.0.0.1", ${port}))`
  execFileSync('python3', ['-c', send])
  assert.ok(member.queue().length >= 1000)
  await once(socket, 'message')
  assert.equal(member.queue().length, 0)
})

/** A UDP socket that shares by the socket option alone: no member. */
function bareSocket(port: number): dgram.Socket {
  const descriptor = native.open('udp', 4)
  setReuse(descriptor)
  native.bind(descriptor, '127.0.0.1', port)
  const socket = dgram.createSocket('udp4')
  socket.bind({ fd: descriptor }) // This completes at once.
  return socket
}

test(
  'datagrams that wait at a closing member are delivered; the bare option loses them',
  needs('holders', 'python'),
  async (t) => {
    for (const isMember of [true, false]) {
      const open = async (port: number): Promise<dgram.Socket> => {
        if (!isMember) return bareSocket(port)
        const socket = dgram.createSocket('udp4')
        setReuse(socket)
        socket.bind(port, '127.0.0.1')
        await bound(socket)
        return socket
      }
      const other = await open(0)
      t.after(() => other.close())
      const { port } = other.address()
      const socket = await open(port)
      let received = 0
      other.on('message', () => received++)
      socket.on('message', () => received++)
      if (isMember) await until(() => native.list('udp', port).length === 2)
      // Sent from many ports while the event loop is blocked, so that some wait at both sockets.
      const send = `import socket
for i in range(200): socket.socket(2, 2).sendto(b"x", ("127.0.0.1", ${port}))`
      if (isMember) await memberOf(socket)?.peers() // The members have met when this resolves.
      execFileSync('python3', ['-c', send])
      const waiting = native.list('udp', port).map(({ length }) => length)
      assert.ok(waiting.every((bytes) => bytes > 0))
      socket.close()
      if (isMember) {
        await until(() => received === 200)
      } else {
        await until(() => native.list('udp', port)[0]?.length === 0)
        assert.ok(received < 200)
      }
    }
  },
)

for (const how of ['close', 'leave'] as const) {
  test(
    `the last member beside a stranger receives waiting datagrams before its ${how}`,
    needs('holders', 'python'),
    async (t) => {
      const stranger = bareSocket(0)
      t.after(() => stranger.close())
      const { port } = stranger.address()
      const socket = dgram.createSocket('udp4')
      const member = setReuse(socket)
      socket.bind(port, '127.0.0.1')
      await bound(socket)
      let received = 0
      stranger.on('message', () => received++)
      socket.on('message', () => received++)
      // Sent from many ports while the event loop is blocked, so that some wait at both sockets.
      const send = `import socket
for i in range(200): socket.socket(2, 2).sendto(b"x", ("127.0.0.1", ${port}))`
      execFileSync('python3', ['-c', send])
      assert.ok(native.list('udp', port).every(({ length }) => length > 0))
      if (how === 'leave') {
        const { lossless, successors } = await member.leave()
        assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
      }
      const closed = once(socket, 'close')
      socket.close()
      await closed
      await until(() => received === 200)
    },
  )
}

test('a UDP member that left gets nothing new but can still reply', needs('holders'), async (t) => {
  const socket = dgram.createSocket('udp4')
  const member = setReuse(socket)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  t.after(() => socket.close())
  const other = startProgram(t, { port })
  await other.hear('ready')
  const { lossless, successors } = await member.leave()
  assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
  assert.equal((await member.leave()).lossless, true) // It has left already.
  assert.equal(socket.listenerCount('message'), 0)

  const client = dgram.createSocket('udp4')
  t.after(() => client.close())
  for (let i = 0; i < 20; i++) {
    client.send('who?', port, '127.0.0.1')
    assert.equal(String((await once(client, 'message'))[0]), String(other.pid))
  }
  socket.send('late', client.address().port, '127.0.0.1')
  const [answer, { port: from }] = await once(client, 'message')
  assert.deepEqual([String(answer), from], ['late', port])
})

test('a closed UDP socket has no address and cannot be shared', async () => {
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

test('a failed UDP bind with no error handler ends the program, as in plain Node', async (t) => {
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

test('peers() lists the UDP sockets of a port', needs('peers'), async (t) => {
  const { socket } = sharedSocket(t)
  socket.bind(0, '127.0.0.1')
  const port = await bound(socket)
  const [peer] = await peers({ port, protocol: 'udp' })
  assert.equal(peer?.pid, process.pid)
  assert.deepEqual(await peers({ port }), [])
})
