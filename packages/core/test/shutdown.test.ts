/**
 * Programs that something else shuts down: packages for that, or an exit. Only what they cut themselves
 * is lost: each request that failed was on a connection that one of them had accepted.
 */
import assert from 'node:assert/strict'
import http from 'node:http'
import { type TestContext, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { type Fixture, needs, startNode } from '@reuse/testkit'
import { fixtureFile } from './programs.js'

const members = 4
const clients = 8

/** The longest that a client is idle between two requests, in milliseconds. */
const longestPause = 10

for (const way of [
  'process.exit() after close()',
  'closeAllConnections()',
  'stoppable',
  'http-terminator',
  'http-graceful-shutdown',
  '@godaddy/terminus',
]) {
  test(`${way} loses only the connections it cuts itself`, needs('holders'), async (t) => {
    const { answered, lost } = await restartAll(t, way)
    assert.ok(answered > 0)
    assert.deepEqual(lost, { accepted: lost.accepted, waiting: 0 })
  })
}

test('server.close() loses no request in a restart', needs('holders'), async (t) => {
  const { answered, lost } = await restartAll(t, 'server.close()')
  assert.ok(answered > 0)
  assert.deepEqual(lost, { accepted: 0, waiting: 0 })
})

test('the bare option also loses connections that wait', needs('holders'), async (t) => {
  const { lost } = await restartAll(t, 'the bare option')
  assert.ok(lost.waiting > 0, 'the clients are many enough to see a loss')
})

interface Outcome {
  answered: number
  /** Requests that failed on connections that a program had accepted, and on others. */
  lost: { accepted: number; waiting: number }
}

/** Replaces the programs of a group one after the other, while clients send requests. */
async function restartAll(t: TestContext, way: string): Promise<Outcome> {
  const start = (port: number): Fixture =>
    startNode(t, fixtureFile('shutdown.js'), { args: [way, String(port)] })
  const first = start(0)
  const port = await first.hear<number>('ready')
  const programs = [first, ...Array.from({ length: members - 1 }, () => start(port))]
  await Promise.all(programs.slice(1).map((program) => program.hear('ready')))

  const ending = new AbortController()
  const keepAlive = Array.from({ length: clients }, () => send(port, true, ending.signal))
  const newEach = Array.from({ length: clients }, () => send(port, false, ending.signal))
  const all = [...programs]
  for (const program of programs) {
    await program.end()
    const next = start(port)
    await next.hear('ready')
    all.push(next)
  }
  ending.abort()
  const outcomes = await Promise.all([...keepAlive, ...newEach])
  await Promise.all(all.map((program) => program.end('SIGKILL')))

  const accepted = new Set(all.flatMap((program) => program.heard<number>('accepted')))
  const failed = outcomes.flatMap(({ failed }) => failed)
  const isAccepted = failed.filter((port) => accepted.has(port)).length
  return {
    answered: outcomes.reduce((sum, { answered }) => sum + answered, 0),
    lost: { accepted: isAccepted, waiting: failed.length - isAccepted },
  }
}

/** A client: how many requests were answered, and the ports from which the others were sent. */
async function send(port: number, keepAlive: boolean, ending: AbortSignal) {
  const agent = new http.Agent({ keepAlive, maxSockets: 1 })
  let answered = 0
  const failed: number[] = []
  while (!ending.aborted) {
    const from = await get(port, agent)
    if (from === null) answered++
    else failed.push(from)
    await delay(Math.random() * longestPause)
  }
  agent.destroy()
  return { answered, failed }
}

/** Resolves with the client's port if there was no answer. */
function get(port: number, agent: http.Agent): Promise<number | null> {
  return new Promise((resolve) => {
    let from = 0
    const fail = (): void => resolve(from)
    const request = http.get({ host: '127.0.0.1', port, agent }, (response) => {
      response
        .once('end', () => resolve(null))
        .once('error', fail)
        .resume()
    })
    request.once('error', fail)
    request.once('socket', (socket) => {
      const note = (): void => {
        from = socket.localPort ?? 0
      }
      if (socket.connecting) socket.once('connect', note)
      else note()
    })
  })
}
