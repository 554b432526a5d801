/** Leaving a group without losing a connection, beside a close that does lose some. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { countAnswers, type Fixture, needs, type StormReport, startStorm } from '@reuse/testkit'
import { type ReuseOptions, setReuse } from '../src/index.js'
import type { LeaveReport } from '../src/leave.js'
import { native } from '../src/native.js'
import { listening, sharedServer, until } from './listening.js'
import { startGroup, startMember, startPython } from './programs.js'

const needsSteering = needs('steering')

/** Restarts members of a group one after the other under a storm, and gives what the storm saw. */
async function restartUnderStorm(
  t: TestContext,
  restarts: number,
  leave: (member: Fixture) => Promise<unknown>,
): Promise<StormReport> {
  const { port, members } = await startGroup(t, 3)
  const storm = await startStorm(t, { port })
  for (let i = 0; i < restarts; i++) {
    const member = members.shift()
    assert.ok(member)
    await leave(member)
    const next = startMember(t, { port })
    await next.hear('ready')
    members.push(next)
  }
  return storm.stop()
}

test(
  'restarts under a storm: nothing is lost with leave, and a plain close loses',
  needsSteering,
  async (t) => {
    const left = await restartUnderStorm(t, 12, (member) => member.ask('close'))
    assert.deepEqual(left.failed, {})
    assert.ok(left.answered > 500, `${left.answered} were answered`)

    const closed = await restartUnderStorm(t, 12, (member) => member.ask('plainClose'))
    assert.ok((closed.failed.ECONNRESET ?? 0) > 0, 'the storm is strong enough to see a loss')
  },
)

test('a leave tells how it went', needsSteering, async (t) => {
  const { members } = await startGroup(t, 3)
  for (const [index, member] of members.slice(0, 2).entries()) {
    const report = await member.ask<LeaveReport>('leave')
    assert.equal(report.successors, 2 - index)
    assert.equal(report.lossless, true)
    assert.equal(report.reason, undefined)
    assert.equal(report.drained, 0) // Nobody came; the probes of the leave itself do not count.
    assert.ok(report.waited > 0)
  }
})

test('what waits in the queue is served, and counted', needsSteering, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const port = await listening(server)
  const others = await Promise.all([0, 1].map(() => startMember(t, { port }).hear('ready')))
  assert.equal(others.length, 2)
  // Connections that are there before this thread comes to its event loop again.
  const waiting = Array.from({ length: 30 }, () => native.open('tcp', 4))
  for (const client of waiting) native.connect(client, '127.0.0.1', port)
  const { length } = member.queue()
  const report = await member.leave()
  assert.equal(report.lossless, true)
  assert.ok(report.drained >= length)
  for (const client of waiting) {
    assert.equal(native.isConnected(client), true)
    native.close(client)
  }
})

test('the last member closes at once', needsSteering, async (t) => {
  const { server, member } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  await listening(server)
  const { lossless, successors } = await member.leave()
  assert.deepEqual({ lossless, successors }, { lossless: true, successors: 0 })
  assert.equal(server.listening, false)
})

test('close: return value, callbacks and events are those of Node', needsSteering, async (t) => {
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
  assert.equal(server.listening, true) // It serves until it has left.
  assert.equal(await first, undefined)
  assert.equal((await second).code, 'ERR_SERVER_NOT_RUNNING')
  assert.deepEqual(heard, ['close'])
  const third = new Promise<NodeJS.ErrnoException>((resolve) => server.close(resolve as () => void))
  assert.equal((await third).code, 'ERR_SERVER_NOT_RUNNING')
})

test(
  'leave, and again: before it listens, twice at once, after it is closed',
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

test('a server that left listens again, and leaves again', needsSteering, async (t) => {
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

test('await using leaves', needs('sharing'), async (t) => {
  const { port } = await startGroup(t, 1)
  const server = http.createServer()
  const member = setReuse(server)
  server.listen(port, '127.0.0.1')
  await listening(server)
  await server[Symbol.asyncDispose]()
  assert.equal(member.address(), null)
})

test(
  'a keep-alive client sees no reset, and is told that the connection ends',
  needsSteering,
  async (t) => {
    const { port, members } = await startGroup(t, 1)
    assert.equal(members.length, 1)
    const server = http.createServer((_, response) => response.end('ok'))
    setReuse(server, { leaveTimeout: 2000 })
    server.listen(port, '127.0.0.1')
    await listening(server)

    // Keep-alive clients of this very server: a connection each, whose second request comes after the
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
  for (;;) {
    const client = net.connect(port, '127.0.0.1')
    const mine = once(server, 'connection', { signal: AbortSignal.timeout(200) })
    await once(client, 'connect')
    const isMine = await mine.then(
      () => true,
      () => false,
    )
    if (isMine) {
      client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
      await once(client, 'data')
      return { server, client }
    }
    client.destroy()
  }
}

test('idle connections end when the time is up, not before', needsSteering, async (t) => {
  const { port } = await startGroup(t, 1)
  const { server, client } = await meetKeepAlive(t, port, { leaveTimeout: 300 })
  const start = performance.now()
  const closed = once(server, 'close')
  server.close()
  await Promise.all([closed, once(client.resume(), 'end')])
  assert.ok(performance.now() - start >= 290)
})

test(
  'a second close, in the time of idle connections, does not cut them either',
  needsSteering,
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
  'a connection that is busy when the time is up ends with its answer',
  needsSteering,
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
    await closed // Though its answer said keep-alive: it began before the leave.
  },
)

test('several leave at once, and all of them without a loss', needsSteering, async (t) => {
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

test('members join during a leave, and get connections', needsSteering, async (t) => {
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
  'a stranger in the group, that knows nothing of @reuse',
  needs('steering', 'python'),
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
  'one that is killed in the middle of its leave does not stay in charge',
  needs('steering', 'python'),
  async (t) => {
    const { port, members } = await startGroup(t, 3)
    // With this option a handshake is not complete before data comes, so the leave waits for it.
    const victim = startMember(t, { port, reuse: { deferAccept: 60, leaveTimeout: 60_000 } })
    await victim.hear('ready')
    const silent: net.Socket[] = []
    t.after(() => {
      for (const client of silent) client.destroy()
    })
    while (native.listHandshakes(4, port).length === 0) {
      const client = net.connect(port, '127.0.0.1')
      silent.push(client)
      await once(client, 'connect')
    }
    victim.tell('leave')
    while ((await countAnswers({ port }, 50)).has(String(victim.pid))); // Until it is turned away.
    assert.equal(victim.running, true)
    await victim.end('SIGKILL')

    // The kernel's own choice again: a member that joins gets its share at once, though nobody who
    // knows of it has changed the program.
    await startPython(t, port, 'share').hear('ready')
    const counts = await countAnswers({ port }, 400)
    assert.equal(counts.size, members.length + 1)
    assert.ok((counts.get('python') ?? 0) > 0)
  },
)

test('a lock that somebody holds costs the leave its time, not more', needsSteering, async (t) => {
  const { port, members } = await startGroup(t, 2)
  const leaver = startMember(t, { port, reuse: { leaveTimeout: 400 } })
  await leaver.hear('ready')
  await members[0]?.ask('lock')
  const { lossless, reason, waited } = await leaver.ask<LeaveReport>('leave')
  assert.deepEqual({ lossless, reason }, { lossless: false, reason: 'locked' })
  assert.ok(waited >= 390)
})

test('a lock whose holder is killed is free', needsSteering, async (t) => {
  const { members } = await startGroup(t, 3)
  const [holder, leaver] = members
  await holder?.ask('lock')
  const left = leaver?.ask<LeaveReport>('leave')
  await holder?.end('SIGKILL')
  assert.equal((await left)?.lossless, true)
})
