/** Leaving a group without losing a connection, compared with a close that does lose some. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { countAnswers, needs, type StormReport, startStorm } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { type ReuseOptions, setReuse } from '../src/index.js'
import { native } from '../src/socket/native.js'
import type { MemberArguments } from './fixtures/member.js'
import { listening, sharedServer, until } from './listening.js'
import { listenNow, prepareMember, startGroup, startMember, startPython } from './programs.js'
import { keepOrphans, namesOf } from './waiting.js'

const needsHolders = needs('holders')
const needsSteering = needs('holders', 'steering')

/** Restarts members of a group one after the other under a storm, and returns the storm's report. */
async function restartUnderStorm(
  t: TestContext,
  restarts: number,
  member: Pick<MemberArguments, 'bare'>,
): Promise<StormReport> {
  const { port, members } = await startGroup(t, 3, member)
  const storm = await startStorm(t, { port })
  for (let i = 0; i < restarts; i++) {
    const leaver = members.shift()
    assert.ok(leaver)
    await leaver.ask('close')
    await leaver.end()
    const next = startMember(t, { port, ...member })
    await next.hear('ready')
    members.push(next)
  }
  return storm.stop()
}

test(
  'members restart under a storm without loss; the bare option loses requests',
  needsHolders,
  async (t) => {
    const members = await restartUnderStorm(t, 6, {})
    assert.deepEqual(members.failed, {})
    assert.ok(members.answered > 500, `${members.answered} were answered`)

    const bare = await restartUnderStorm(t, 6, { bare: true })
    assert.ok((bare.failed.ECONNRESET ?? 0) > 0, 'the storm is strong enough to see a loss')
  },
)

test('restarts change neither the number nor the order of the sockets', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 3)
  keepOrphans(t, port)
  const inodes = (): number[] => native.list('tcp', port).map(({ inode }) => inode)
  const before = inodes()
  for (let i = 0; i < 4; i++) {
    const leaver = members.shift()
    const next = await prepareMember(t, { port })
    await leaver?.ask('close')
    if (i % 2 === 0) await leaver?.end()
    await listenNow(next)
    members.push(next)
  }
  assert.deepEqual(inodes(), before)
})

test('leave() reports its successors and that nothing was lost', needsHolders, async (t) => {
  const { members } = await startGroup(t, 3)
  for (const [index, member] of members.slice(0, 2).entries()) {
    const { waited: _, ...report } = await member.ask<LeaveReport>('leave')
    assert.deepEqual(report, { lossless: true, successors: 2 - index, drained: 0 })
  }
})

test('connections queued at a closing server are served by another', needsHolders, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const other = startMember(t, { port })
  await other.hear('ready')
  await until(async () => (await member.peers()).every(({ holders }) => holders.length > 0))
  // Connections that are there before this thread returns to its event loop.
  const waiting = Array.from({ length: 30 }, () => native.open('tcp', 4))
  for (const client of waiting) native.connect(client, '127.0.0.1', port)
  const { length } = member.queue()
  assert.ok(length > 0)
  server.close()
  assert.equal(server.listening, false)
  for (const client of waiting) {
    assert.equal(native.isConnected(client), true)
    native.close(client)
  }
  await until(async () => (await other.ask<number>('accepted')) >= 30)
})

test('the last member closes at once', needsHolders, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const { lossless, successors } = await member.leave()
  assert.deepEqual({ lossless, successors }, { lossless: true, successors: 0 })
  assert.equal(server.listening, false)
  assert.deepEqual(namesOf(port), [])
})

test(
  'leave() of the last member reports connections that nobody will serve',
  needsHolders,
  async (t) => {
    const { server, member } = sharedServer(t)
    server.listen(0, '127.0.0.1')
    const port = await listening(server)
    // The connection is there before this thread returns to its event loop, where Node would accept it.
    const client = native.open('tcp', 4)
    t.after(() => native.close(client))
    native.connect(client, '127.0.0.1', port)
    while (member.queue().length === 0);
    const { lossless, successors, reason } = await member.leave()
    assert.deepEqual(
      { lossless, successors, reason },
      { lossless: false, successors: 0, reason: 'last-member' },
    )
  },
)

test('close: return value, callbacks and events are those of Node', needsHolders, async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  await startMember(t, { port }).hear('ready')

  const heard: string[] = []
  server.once('close', () => heard.push('close'))
  const first = new Promise<unknown>((resolve) => {
    assert.equal(server.close(resolve), server)
  })
  const second = new Promise<NodeJS.ErrnoException>((resolve) =>
    server.close(resolve as () => void),
  )
  assert.equal(server.listening, false)
  assert.equal(await first, undefined)
  assert.equal((await second).code, 'ERR_SERVER_NOT_RUNNING')
  assert.deepEqual(heard, ['close'])
  const third = new Promise<NodeJS.ErrnoException>((resolve) => server.close(resolve as () => void))
  assert.equal((await third).code, 'ERR_SERVER_NOT_RUNNING')
})

test(
  'leave() is refused unless the server listens; two at once give one report',
  needs('sharing'),
  async (t) => {
    const { server, member } = sharedServer(t)
    const none = { code: 'ERR_REUSE_NOT_LISTENING' }
    await assert.rejects(member.leave(), none)
    server.listen(0, '127.0.0.1')
    await startMember(t, { port: await listening(server) }).hear('ready')
    const [first, second] = await Promise.all([member.leave(), member.leave()])
    assert.equal(first, second)
    await assert.rejects(member.leave(), none)
  },
)

test('a server that left listens again, and leaves again', needsHolders, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  await startMember(t, { port }).hear('ready')
  for (let i = 0; i < 3; i++) {
    assert.equal((await member.leave()).lossless, true)
    if (server.listening) await once(server, 'close')
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
})

test('disposing of a server (await using) leaves its group', needs('sharing'), async (t) => {
  const { port } = await startGroup(t, 1)
  const server = http.createServer()
  const member = setReuse(server)
  server.listen(port, '127.0.0.1')
  await listening(server)
  await server[Symbol.asyncDispose]()
  assert.equal(member.address(), null)
})

test(
  'a keep-alive client of a leaving server gets no reset, but "connection: close"',
  needsHolders,
  async (t) => {
    const { port, members } = await startGroup(t, 1)
    assert.equal(members.length, 1)
    const server = http.createServer((_, response) => response.end('ok'))
    setReuse(server, { leaveTimeout: 30_000 })
    server.listen(port, '127.0.0.1')
    await listening(server)

    // Keep-alive clients of this very server, with a connection each: the second request comes after the
    // leave has begun.
    const agents: http.Agent[] = []
    const get = async (agent: http.Agent): Promise<http.IncomingMessage> => {
      const request = http.get({ port, host: '127.0.0.1', agent })
      const [response] = await once(request, 'response')
      response.resume()
      await once(response, 'end')
      return response
    }
    let connections = 0
    server.on('connection', () => connections++)
    while (connections < 5) {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
      t.after(() => agent.destroy())
      const before = connections
      await get(agent)
      if (connections > before) agents.push(agent)
    }

    const closed = once(server, 'close')
    server.close()
    await delay(50)
    for (const agent of agents) {
      const response = await get(agent) // On the old connection: a reset would be thrown here.
      assert.equal(response.statusCode, 200)
      assert.equal(response.headers.connection, 'close')
    }
    await closed
  },
)

/** A server in a group, with one idle keep-alive connection that would live for a minute. */
async function meetKeepAlive(t: TestContext, port: number, options: ReuseOptions) {
  const server = http.createServer((_, response) => response.end('ok'))
  setReuse(server, options)
  t.after(() => server.closeAllConnections())
  server.keepAliveTimeout = 60_000
  server.listen(port, '127.0.0.1')
  await listening(server)
  /** The ports of the clients that have reached this server; all others have reached the other program. */
  const met = new Set<number | undefined>()
  server.on('connection', ({ remotePort }) => met.add(remotePort))
  for (;;) {
    const client = net.connect(port, '127.0.0.1')
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(client, 'data')
    if (met.has(client.localPort)) return { server, client }
    client.destroy()
  }
}

test('idle connections end at the leave timeout, not before', needsHolders, async (t) => {
  const { port } = await startGroup(t, 1)
  const { server, client } = await meetKeepAlive(t, port, { leaveTimeout: 300 })
  const start = performance.now()
  const closed = once(server, 'close')
  server.close()
  await Promise.all([closed, once(client.resume(), 'end')])
  assert.ok(performance.now() - start >= 290)
})

test(
  'a second close() does not cut idle connections before the leave timeout',
  needsHolders,
  async (t) => {
    const { port } = await startGroup(t, 1)
    const { server, client } = await meetKeepAlive(t, port, { leaveTimeout: 400 })
    const start = performance.now()
    const closed = once(server, 'close')
    const left = new Promise((resolve) => server.once('close', resolve))
    server.close(() => {})
    await until(() => !server.listening)
    server.close(() => {})
    await Promise.all([closed, left, once(client.resume(), 'end')])
    assert.ok(performance.now() - start >= 390)
  },
)

test(
  'a connection that is busy at the leave timeout ends after its answer',
  needsHolders,
  async (t) => {
    const { port } = await startGroup(t, 1)
    const { server, client } = await meetKeepAlive(t, port, { leaveTimeout: 100 })
    server.removeAllListeners('request')
    server.once('request', (_, response) => setTimeout(() => response.end('late'), 500))
    client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(server, 'request')
    const closed = once(server, 'close')
    server.close()
    const answer = await text(client)
    assert.match(answer, /late/)
    await closed // Although its answer said keep-alive: the request began before the leave.
  },
)

test('several members leave at once without losing a connection', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 6)
  const storm = await startStorm(t, { port })
  const reports = await Promise.all(
    members.slice(0, 5).map((each) => each.ask<LeaveReport>('leave')),
  )
  assert.deepEqual(
    reports.map(({ lossless }) => lossless),
    Array(5).fill(true),
  )
  assert.deepEqual((await storm.stop()).failed, {})
})

test('members join during a leave, and get connections', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 3)
  const storm = await startStorm(t, { port })
  const [leaver] = members
  const left = leaver?.ask<LeaveReport>('leave')
  const joiners = [startMember(t, { port }), startMember(t, { port })]
  await Promise.all(joiners.map((joiner) => joiner.hear('ready')))
  assert.equal((await left)?.lossless, true)
  for (const joiner of joiners) await joiner.ask('served')
  assert.deepEqual((await storm.stop()).failed, {})
})

test(
  'members leave without loss beside a program without @reuse',
  needs('holders', 'steering', 'python'),
  async (t) => {
    const { port, members } = await startGroup(t, 2)
    await startPython(t, port, 'share').hear('ready')
    const storm = await startStorm(t, { port })
    for (const member of members) {
      assert.equal((await member.ask<LeaveReport>('leave')).lossless, true)
    }
    assert.deepEqual((await storm.stop()).failed, {})
  },
)

test(
  'a leaving member does not count its own probe connections as drained',
  needs('holders', 'steering', 'python'),
  async (t) => {
    const { port, members } = await startGroup(t, 2)
    await startPython(t, port, 'share').hear('ready')
    const reports: LeaveReport[] = []
    for (const member of members) reports.push(await member.ask<LeaveReport>('leave'))
    assert.deepEqual(
      reports.map(({ lossless, drained }) => ({ lossless, drained })),
      Array(2).fill({ lossless: true, drained: 0 }),
    )
  },
)

for (const steering of ['hash', 'source-address'] as const) {
  test(
    `the last member removes its group’s filter when it closes: ${steering}`,
    needsSteering,
    async (t) => {
      // Programs without @reuse: none of them could do it later.
      const { port } = await startGroup(t, 2, { bare: true })
      const member = startMember(t, { port, reuse: { steering } })
      await member.hear('ready')
      const storm = await startStorm(t, { port })
      await member.ask('close') // Then all that it has accepted has ended.
      await member.end()
      // Its filter was made for two: the third would get everything, or nothing.
      await startMember(t, { port, bare: true }).hear('ready')
      await startMember(t, { port, bare: true }).hear('ready')
      const { failed } = await storm.stop()
      assert.deepEqual(failed, {})
      const counts = await countAnswers({ port }, 200)
      assert.equal(counts.size, 4)
      for (const count of counts.values()) assert.ok(count > 15, `${[...counts.values()]}`)
    },
  )
}
