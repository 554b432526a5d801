/** setReuse on raw descriptors, and the options that a socket then has. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { type Need, needs } from '@reuse/testkit'
import { capabilities, setReuse } from '../src/index.js'
import { type Family, native, type Protocol } from '../src/socket/native.js'
import { listening, sharedServer } from './listening.js'

function open(t: TestContext, protocol: Protocol, family: Family): number {
  const socket = native.open(protocol, family)
  t.after(() => native.close(socket))
  return socket
}

const option = capabilities.option ?? 'SO_REUSEPORT'

const windows = process.platform === 'win32'
const { EADDRINUSE, WSAEADDRINUSE } = os.constants.errno
const inUse = windows ? WSAEADDRINUSE : EADDRINUSE
/** Windows has one code for what is not an open socket, whether it was ever a socket or not. */
const closedCode = windows ? 'ENOTSOCK' : 'EBADF'

for (const protocol of ['tcp', 'udp'] as const) {
  for (const family of [4, 6] as const) {
    const host = family === 6 ? '::1' : '127.0.0.1'
    const sharing: Need[] = protocol === 'tcp' ? ['sharing'] : []

    test(`${protocol} over IPv${family}: setReuse sets the option that shares a port`, (t) => {
      const socket = open(t, protocol, family)
      assert.equal(native.getOption(socket, option), 0)
      setReuse(socket)
      assert.notEqual(native.getOption(socket, option), 0)
    })

    test(`${protocol} over IPv${family}: two sockets bind one port`, needs(...sharing), (t) => {
      const first = open(t, protocol, family)
      setReuse(first)
      native.bind(first, host, 0)
      const { port } = native.getAddress(first)

      const plain = open(t, protocol, family)
      assert.throws(() => native.bind(plain, host, port), { errno: inUse, syscall: 'bind' })
      const second = open(t, protocol, family)
      setReuse(second)
      native.bind(second, host, port)
    })
  }
}

test('exclusive clears the sharing option, and setReuse sets it again', (t) => {
  const socket = open(t, 'tcp', 4)
  setReuse(socket)
  setReuse(socket, { exclusive: true })
  assert.equal(native.getOption(socket, option), 0)
  setReuse(socket)
  assert.notEqual(native.getOption(socket, option), 0)
})

test(
  'a UDP socket shares without SO_REUSEADDR, with which any user could join',
  needs('SO_REUSEPORT'),
  (t) => {
    const socket = open(t, 'udp', 4)
    setReuse(socket)
    assert.equal(native.getOption(socket, 'SO_REUSEADDR'), 0)
  },
)

test('the listen-time options are set on the listener', needs('listenOptions'), async (t) => {
  const { server } = sharedServer(t, { fastOpen: 16, deferAccept: 1, incomingCpu: 0 })
  server.listen(0, '127.0.0.1')
  await listening(server)
  const { fd } = Reflect.get(server, '_handle') as { fd: number }
  assert.equal(native.getOption(fd, 'TCP_FASTOPEN'), 16)
  assert.ok(native.getOption(fd, 'TCP_DEFER_ACCEPT') >= 1) // The kernel rounds up.
  assert.equal(native.getOption(fd, 'SO_INCOMING_CPU'), 0)
})

test('fastOpen is refused for a UDP socket, incomingCpu is taken', needs('listenOptions'), (t) => {
  const socket = open(t, 'udp', 4)
  assert.throws(() => setReuse(socket, { fastOpen: 1 }), { code: 'ERR_REUSE_UNSUPPORTED' })
  setReuse(socket, { incomingCpu: 0 })
})

test('setReuse refuses numbers that cannot be descriptors', () => {
  for (const number of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, 2 ** 53]) {
    assert.throws(() => setReuse(number), RangeError, String(number))
  }
})

test('setReuse refuses descriptors that are closed or not sockets', (t) => {
  const file = fs.openSync(import.meta.filename, 'r')
  t.after(() => fs.closeSync(file))
  assert.throws(() => setReuse(file), {
    code: 'ENOTSOCK',
    hint: /must be the descriptor of an open IPv4 or IPv6 socket/,
  })

  const closed = native.open('tcp', 4)
  native.close(closed)
  assert.throws(() => setReuse(closed), { code: closedCode })
  assert.throws(() => setReuse(2 ** 31 - 1), { code: closedCode })
})

test('setReuse refuses a Unix socket', needs('linux'), async (t) => {
  const local = net.createServer().listen(`\0reuse-test-${process.pid}`)
  t.after(() => local.close())
  const { fd } = Reflect.get(local, '_handle') as { fd: number }
  assert.throws(() => setReuse(fd), { code: 'EINVAL' })
})

test('setReuse refuses a descriptor that it has already shared', (t) => {
  const socket = open(t, 'tcp', 6)
  setReuse(socket)
  assert.throws(() => setReuse(socket), { code: 'ERR_REUSE_ALREADY_SHARED' })
})

test('the addon checks what it is given', () => {
  const calls: (() => unknown)[] = [
    () => Reflect.apply(native.open, undefined, []),
    () => Reflect.apply(native.open, undefined, ['sctp', 4]),
    () => Reflect.apply(native.open, undefined, ['tcp', 'four']),
    () => Reflect.apply(native.bind, undefined, [0, 'x'.repeat(500), 1]),
    () => Reflect.apply(native.setOption, undefined, [0, 'SO_TYPE', {}]),
    () => Reflect.apply(native.getOption, undefined, [-1, 'SO_TYPE']),
    () => Reflect.apply(native.list, undefined, ['tcp', 65536]),
  ]
  for (const call of calls) assert.throws(call, /expected|out of range|too few/, String(call))
  assert.throws(() => native.bind(0, 'not an address', 1), { syscall: 'getaddrinfo' })
})
