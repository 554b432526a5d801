/** What cannot be done is a clear error, and nothing is changed or lost by it. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import { test } from 'node:test'
import { lacks, needs } from '@reuse/testkit'
import {
  memberOf,
  peers,
  ReuseError,
  type ReuseOptions,
  setReuse,
  shareListen,
} from '../src/index.js'
import { failure, listening, sharedServer } from './listening.js'
import { startMember, startPython } from './programs.js'

interface Failed extends NodeJS.ErrnoException {
  address?: string
  port?: number
  hint?: string
}

/** The usual uid of nobody; root can become it. */
const nobody = 65534
const isRoot = process.getuid?.() === 0

test(
  'a port that a program holds without sharing: EADDRINUSE names the program',
  needs('peers', 'python'),
  async (t) => {
    const python = startPython(t, 0)
    const { port } = await python.hear<{ port: number }>('ready')
    const { server } = sharedServer(t)
    server.listen(port, '127.0.0.1')
    const error = await failure(server)
    const { code, errno, syscall, address, port: at, hint = '' } = error
    assert.deepEqual(
      { code, errno, syscall, address, at },
      { code: 'EADDRINUSE', errno: -98, syscall: 'listen', address: '127.0.0.1', at: port },
    )
    const [message, ...rest] = error.message.split('\n')
    assert.equal(message, `listen EADDRINUSE: address already in use 127.0.0.1:${port}`)
    assert.deepEqual(rest, [hint])
    assert.match(hint, new RegExp(`stranger\\.py \\(pid ${python.pid}, uid \\d+\\) holds`))
    assert.match(hint, /does not share it/)
    assert.equal(server.listening, false)
    assert.equal(server.address(), null)
  },
)

test('the server of a failed listen can listen elsewhere', async (t) => {
  const holder = sharedServer(t, { exclusive: true }).server
  holder.listen(0, '127.0.0.1')
  const { server, member } = sharedServer(t)
  server.listen(await listening(holder), '127.0.0.1')
  await failure(server)
  server.listen(0, '127.0.0.1')
  await listening(server)
  assert.deepEqual(member.address(), server.address())
})

test(
  'a wildcard and a specific address conflict, also IPv4 with dual-stack `::`',
  needs('peers'),
  async (t) => {
    for (const [held, wanted] of [
      ['0.0.0.0', '127.0.0.1'],
      ['127.0.0.1', '0.0.0.0'],
      ['::', '127.0.0.1'],
      ['127.0.0.1', undefined],
    ]) {
      const holder = net.createServer().listen(0, held)
      const port = await listening(holder)
      const { server } = sharedServer(t)
      server.listen(port, wanted)
      const { code, hint } = await failure(server)
      assert.equal(code, 'EADDRINUSE', `${held} held, ${wanted} wanted`)
      assert.match(hint ?? '', new RegExp(`pid ${process.pid}`), `${held} held, ${wanted} wanted`)
      holder.close()
    }
  },
)

test(
  "another user's group: EADDRINUSE, and the hint says that the users differ",
  needs('peers'),
  async (t) => {
    if (!isRoot) return t.skip('only root can start a program of another user')
    const first = startMember(t, { port: 0 })
    const { port } = await first.hear<net.AddressInfo>('ready')
    const second = startMember(t, { port, uid: nobody })
    const { code, hint } = await second.hear<Failed>('failed')
    assert.equal(code, 'EADDRINUSE')
    assert.match(hint ?? '', /uid 0/)
    assert.match(hint ?? '', /Only sockets of one user may share.*runs as uid 65534/)
  },
)

test('root cannot join the group of an ordinary user', needs('peers'), async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const first = startMember(t, { port: 0, uid: nobody })
  const { port } = await first.hear<net.AddressInfo>('ready')
  const { server } = sharedServer(t)
  server.listen(port, '127.0.0.1')
  const { code, hint } = await failure(server)
  assert.equal(code, 'EADDRINUSE')
  assert.match(hint ?? '', /uid 65534/)
})

test('an address that is not on this machine fails, and the hint lists those that are', async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, '192.0.2.1')
  const { code, syscall, address, hint } = await failure(server)
  assert.deepEqual(
    { code, syscall, address },
    { code: 'EADDRNOTAVAIL', syscall: 'listen', address: '192.0.2.1' },
  )
  assert.match(hint ?? '', /192\.0\.2\.1 is not an address of this machine.*127\.0\.0\.1/)
})

test('a port that this user may not bind fails with EACCES, and the hint names it', async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const member = startMember(t, { port: 81, uid: nobody })
  const outcome = await Promise.race([
    member.hear<Failed>('failed'),
    member.hear<net.AddressInfo>('ready'),
  ])
  if (!('code' in outcome)) return t.skip('this system lets every user bind every port')
  assert.equal(outcome.code, 'EACCES')
  assert.match(outcome.hint ?? '', /port 81/)
})

test('exclusive: a later sharer gets EADDRINUSE, and so does an exclusive joiner', async (t) => {
  const alone = sharedServer(t, { exclusive: true })
  alone.server.listen(0, '127.0.0.1')
  const port = await listening(alone.server)
  for (const options of [{}, { exclusive: true }]) {
    const { server } = sharedServer(t, options)
    server.listen(port, '127.0.0.1')
    assert.equal((await failure(server)).code, 'EADDRINUSE')
  }
})

test('exclusive: a program in another language is refused as well', needs('python'), async (t) => {
  const { server } = sharedServer(t, { exclusive: true })
  server.listen(0, '127.0.0.1')
  const stranger = startPython(t, await listening(server), 'share')
  const { errno } = await stranger.hear<{ errno: number }>('failed')
  assert.equal(errno, os.constants.errno.EADDRINUSE)
})

test('exclusive: a server is refused on a port that is shared', async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const joiner = sharedServer(t, { exclusive: true }).server
  joiner.listen(await listening(server), '127.0.0.1')
  const { code, hint } = await failure(joiner)
  assert.equal(code, 'EADDRINUSE')
  if (!lacks('peers')) assert.match(hint ?? '', /asked for the port alone/)
})

test('setReuse refuses a server or socket that is already shared', (t) => {
  const { server, member } = sharedServer(t)
  const twice = { name: 'ReuseError', code: 'ERR_REUSE_ALREADY_SHARED' }
  assert.throws(() => setReuse(server), twice)
  assert.equal(memberOf(server), member)
  const socket = dgram.createSocket('udp4')
  t.after(() => socket.close())
  setReuse(socket)
  assert.throws(() => setReuse(socket), twice)
})

test('setReuse refuses options that make no sense, and changes nothing', (t) => {
  const server = http.createServer()
  t.after(() => server.close())
  const refused: [unknown, typeof TypeError | typeof RangeError, RegExp][] = [
    [{ exlusive: true }, TypeError, /unknown option "exlusive"; did you mean "exclusive"\?/],
    [{ reusePort: true }, TypeError, /"reusePort"; setReuse does not need it/],
    [{ port: 3000 }, TypeError, /"port"; pass it to listen\(\) or bind\(\)/],
    [{ zzz: 1 }, TypeError, /"zzz"; the options are exclusive, only, /],
    [{ leaveTimeout: '5s' }, TypeError, /from 0 to 2147483647 \(milliseconds\), got "5s"/],
    [{ fastopen: 5 }, TypeError, /unknown option "fastopen"; did you mean "fastOpen"\?/],
    [{ exclusive: 'yes' }, TypeError, /"exclusive" must be a boolean, got "yes"/],
    [{ fastOpen: -1 }, RangeError, /"fastOpen" must be an integer from 0 to 2147483647, got -1/],
    [{ fastOpen: 1.5 }, RangeError, /got 1.5/],
    [{ deferAccept: Number.NaN }, RangeError, /got NaN/],
    [{ incomingCpu: 2 ** 40 }, RangeError, /got 1099511627776/],
    [{ deferAccept: '3' }, TypeError, /got "3"/],
    [null, TypeError, /options must be an object, got null/],
    ['exclusive', TypeError, /options must be an object, got "exclusive"/],
  ]
  for (const [options, error, message] of refused) {
    const call = (): unknown => setReuse(server, options as ReuseOptions)
    assert.throws(call, (thrown: Error) => thrown instanceof error && message.test(thrown.message))
  }
  assert.equal(memberOf(server), undefined)
  setReuse(server, { exclusive: undefined as unknown as boolean })
})

test('setReuse refuses what is no server, socket or descriptor', () => {
  for (const target of [undefined, null, 'server', {}, net.createServer, new net.Socket()]) {
    const call = (): unknown => Reflect.apply(setReuse, undefined, [target])
    assert.throws(call, /setReuse takes a net.Server, a dgram.Socket or a descriptor, got/)
  }
})

test('setReuse names the right call for an application or a port', () => {
  const nothing = (): void => {}
  const express = Object.assign(nothing, { listen: nothing, use: nothing })
  const koa = { listen: nothing, use: nothing, callback: nothing }
  const fastify = { listen: nothing, register: nothing, inject: nothing, use: nothing }
  for (const [target, message] of [
    [express, /an Express application: use @reuse\/express/],
    [koa, /a Koa application: use @reuse\/koa/],
    [fastify, /a Fastify application: register @reuse\/fastify/],
    [64_999, /64999 must be the descriptor .* If it is a port: setReuse\(server\)/],
  ] as const) {
    assert.throws(() => Reflect.apply(setReuse, undefined, [target]), message)
  }
})

test('shareListen refuses what is no Express or Koa application', () => {
  const nothing = (): void => {}
  const fastify = { listen: nothing, register: nothing, inject: nothing }
  for (const [app, options, message] of [
    [{}, {}, /reuse takes an Express or Koa application, got an instance of Object/],
    [undefined, {}, /reuse takes an Express or Koa application, got undefined/],
    [fastify, {}, /got a Fastify application: register @reuse\/fastify/],
    [{ listen: nothing }, { wieght: 2 }, /unknown option "wieght"; did you mean "weight"\?/],
  ] as const) {
    assert.throws(() => Reflect.apply(shareListen, undefined, [app, options]), message)
  }
})

test('peers() refuses options that make no sense', async () => {
  const where = { port: 1, hots: 'x' }
  await assert.rejects(peers(where), /unknown option "hots"; did you mean "host"\?/)
  await assert.rejects(peers({ port: 0 }), RangeError)
  await assert.rejects(peers('http'), /takes a port, "host:port" or \{ .* \}, got "http"/)
  await assert.rejects(peers({} as { port: number }), /"port" is missing/)
  await assert.rejects(peers({ port: 1, protocol: 'sctp' as 'tcp' }), /"tcp" or "udp", got "sctp"/)
})

test('a ReuseError tells what to do', () => {
  const error = new ReuseError('ERR_REUSE_UNSUPPORTED', 'it cannot be', { hint: 'Do that.' })
  assert.equal(error.message, 'it cannot be. Do that.')
  assert.equal(error.hint, 'Do that.')
})

test('a failed listen with no error handler ends the program, as in plain Node', async (t) => {
  const holder = sharedServer(t, { exclusive: true }).server
  holder.listen(0, '127.0.0.1')
  const port = await listening(holder)
  const { server } = sharedServer(t)
  const uncaught = new Promise<NodeJS.ErrnoException>((resolve) => {
    process.setUncaughtExceptionCaptureCallback(resolve)
    t.after(() => process.setUncaughtExceptionCaptureCallback(null))
  })
  server.listen(port, '127.0.0.1')
  assert.equal((await uncaught).code, 'EADDRINUSE')
})
