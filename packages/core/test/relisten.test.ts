/** A server that closes and listens again starts afresh. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { needs, startNode } from '@reuse/testkit'
import { setReuse } from '../src/index.js'
import { listening, sharedServer, until } from './listening.js'
import { fixtureFile, startGroup } from './programs.js'

test('a server can close, listen and close again in callbacks', async () => {
  const server = net.createServer()
  setReuse(server)
  const ends = await new Promise<string>((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      server.close(() => server.listen(0, '127.0.0.1', () => server.close(() => resolve('done')))),
    )
  })
  assert.equal(ends, 'done')
})

test('a server can close and listen in one turn of the event loop', async (t) => {
  const server = http.createServer((_, response) => response.end('ok'))
  setReuse(server)
  t.after(() => server.close())
  server.listen(0)
  const port = await listening(server)
  server.close()
  assert.equal(server.listening, false)
  server.listen(port) // No name to resolve: it listens at once.
  assert.equal(server.listening, true)
  assert.equal(await listening(server), port)
})

test(
  'members of one thread that leave in one turn do not count on each other',
  needs('holders'),
  async (t) => {
    const [one, other] = [sharedServer(t), sharedServer(t)]
    one.server.listen(0, '127.0.0.1')
    const port = await listening(one.server)
    other.server.listen(port, '127.0.0.1')
    await listening(other.server)
    await setTimeout(100) // They have met.
    one.server.close()
    const { successors } = await other.member.leave()
    assert.equal(successors, 0)
  },
)

/** Sends one request on a kept connection; returns the `connection` header of the answer. */
async function connectionHeader(port: number, agent: http.Agent): Promise<string | undefined> {
  const request = http.get({ port, host: '127.0.0.1', agent })
  const [response] = await once(request, 'response')
  response.resume()
  await once(response, 'end')
  return response.headers.connection
}

test(
  'after close and listen, keep-alive connections are neither ended nor cut',
  needs('holders'),
  async (t) => {
    const { port, members } = await startGroup(t, 1)
    const server = http.createServer((_, response) => response.end('ok'))
    server.keepAliveTimeout = 60_000
    setReuse(server, { leaveTimeout: 100 })
    t.after(() => server.close().closeAllConnections())
    server.listen(port, '127.0.0.1')
    await listening(server)
    server.close()
    server.listen(port, '127.0.0.1')
    await listening(server)
    for (const member of members) await member.end('SIGKILL')
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
    t.after(() => agent.destroy())
    let cut = 0
    server.on('connection', (socket) => socket.on('close', () => cut++))
    await until(async () => (await connectionHeader(port, agent)) === 'keep-alive')
    const start = performance.now()
    await until(() => performance.now() - start > 300) // Longer than the leave could take.
    assert.equal(await connectionHeader(port, agent), 'keep-alive')
    assert.equal(cut, 0)
    assert.equal(server.listenerCount('request'), 1)
    assert.equal(server.listenerCount('close'), 0)
  },
)

for (const [how, options] of Object.entries({
  'that uses @reuse': { execArgv: ['--expose-gc'] },
  'that nobody changed': {
    execArgv: ['--expose-gc', '--import', new URL('../src/register.js', import.meta.url).href],
    args: ['unchanged'],
    env: { REUSE_LEAVE_TIMEOUT: '100' },
  },
})) {
  test(`a closed server of a program ${how} can be garbage-collected`, async (t) => {
    const program = startNode(t, fixtureFile('closed-servers.js'), options)
    assert.equal(await program.hear('ready'), 0)
  })
}
