/** What @reuse does internally is not visible to the program, nor to anything that watches it. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { EventEmitter } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { needs, request } from '@reuse/testkit'
import { memberOf, setReuse } from '../src/index.js'
import { bound, listening, sharedServer, until } from './listening.js'
import { startMember } from './programs.js'

const needsHolders = needs('holders')

/** A server that shares its port with a program: each of them holds the other's listener. */
async function startHeld(t: TestContext) {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const other = startMember(t, { port })
  await other.hear('ready')
  await until(async () => {
    const group = await member.peers()
    return group.length === 2 && group.every(({ holders }) => holders.length === 1)
  })
  return { server, member, port, other }
}

/** What can be seen of a server: its properties and its listeners. */
function surface(emitter: EventEmitter): unknown {
  const listeners = emitter.eventNames().map((name) => [String(name), emitter.listenerCount(name)])
  const keys: string[] = []
  for (const key in emitter) if (Object.hasOwn(emitter, key)) keys.push(key)
  return { listeners: listeners.sort(), keys: keys.sort(), json: Object.keys(emitter).sort() }
}

test(
  'the net.Server#listen tracing channel reports only the program’s own server',
  needsHolders,
  async (t) => {
    const seen: unknown[] = []
    const see = (message: unknown): void => void seen.push(Reflect.get(Object(message), 'server'))
    const names = ['asyncStart', 'asyncEnd', 'error', 'start', 'end']
    const channels = names.map((name) => `tracing:net.server.listen:${name}`)
    for (const name of channels) subscribe(name, see)
    t.after(() => {
      for (const name of channels) unsubscribe(name, see)
    })
    const plain = net.createServer().listen(0, '127.0.0.1')
    t.after(() => plain.close())
    await listening(plain)
    const usual = seen.splice(0).length

    const { server, member } = await startHeld(t)
    await member.steer('random')
    assert.ok(seen.every((one) => one === server))
    assert.equal(seen.length, usual)
  },
)

/** What keeps this process alive, by kind. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

test('nothing but the server keeps the process alive', needsHolders, async (t) => {
  const other = startMember(t, { port: 0 })
  const { port } = await other.hear<net.AddressInfo>('ready')
  const before = resources()
  const { server, member } = sharedServer(t)
  server.listen(port, '127.0.0.1')
  await listening(server)
  await member.steer('random')
  await until(async () => (await member.peers()).every(({ holders }) => holders.length === 1))
  assert.deepEqual(resources(), { ...before, TCPServerWrap: (before.TCPServerWrap ?? 0) + 1 })
  await other.end('SIGKILL') // Its listener is served here from now on.
  await until(async () => (await member.peers()).some(({ orphan }) => orphan))
  assert.equal(resources().TCPServerWrap, (before.TCPServerWrap ?? 0) + 1)
  server.unref()
  assert.equal(resources().TCPServerWrap, before.TCPServerWrap)
})

for (const kind of ['net', 'http'] as const) {
  test(
    `a shared ${kind} server has a plain one’s listeners and properties`,
    needsHolders,
    async (t) => {
      const make = (): net.Server => (kind === 'net' ? net.createServer() : http.createServer())
      const plain = make()
      const shared = make()
      setReuse(shared)
      t.after(() => {
        plain.close()
        shared.close()
      })
      assert.deepEqual(surface(shared), surface(plain))
      for (const server of [plain, shared]) {
        server.listen(0, '127.0.0.1')
        await listening(server)
      }
      assert.ok(memberOf(shared))
      assert.deepEqual(surface(shared), surface(plain))
      shared.removeAllListeners()
      plain.removeAllListeners()
      for (const server of [plain, shared]) {
        server.close()
        await until(() => server.address() === null)
      }
      assert.deepEqual(surface(shared), surface(plain))
    },
  )
}

test('a shared UDP socket has a plain one’s listeners and properties', needsHolders, async (t) => {
  const plain = dgram.createSocket('udp4')
  const shared = dgram.createSocket('udp4')
  setReuse(shared)
  t.after(() => {
    plain.close()
    shared.close()
  })
  assert.deepEqual(surface(shared), surface(plain))
  for (const socket of [plain, shared]) {
    socket.bind(0, '127.0.0.1')
    await bound(socket)
  }
  assert.deepEqual(surface(shared), surface(plain))
})

test('a shared server’s connections look like those of a plain one', needsHolders, async (t) => {
  const { server, port } = await startHeld(t)
  const plain = http.createServer((_, response) => response.end()).listen(0, '127.0.0.1')
  t.after(() => plain.close())
  const seen: Record<string, unknown> = {}
  plain.once('connection', (socket) => {
    seen.plain = surface(socket)
  })
  server.once('connection', (socket) => {
    seen.shared = surface(socket)
  })
  await request({ port: await listening(plain) })
  await until(async () => (await request({ port })) === 'ok')
  assert.deepEqual(seen.shared, seen.plain)
})
