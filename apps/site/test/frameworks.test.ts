/** The programs of the pages about frameworks run exactly as they are there, with the real packages. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { countAnswers, type Fixture, freePort, request, startStorm, until } from '@reuse/testkit'
import { io, type Socket } from 'socket.io-client'
import { WebSocket } from 'ws'
import { startProgram } from './programs.js'

const skip = process.platform !== 'linux' && 'only Linux balances, and leaves without a loss'

interface Program {
  page: string
  name: string
  /** How it ends on SIGTERM. */
  exit: { code: number | null; signal: NodeJS.Signals | null }
}

const byItself = { code: 0, signal: null }
const programs: Record<string, Program> = {
  Hono: { page: 'recipes/hono.md', name: 'server.mjs', exit: byItself },
  // Nest sends itself the signal again when its hooks have run.
  NestJS: { page: 'recipes/nestjs.md', name: 'main.ts', exit: { code: null, signal: 'SIGTERM' } },
  TypeScript: { page: 'guide/typescript.md', name: 'server.ts', exit: byItself },
}

for (const [framework, program] of Object.entries(programs)) {
  test(`${framework}: one of two programs on a port ends without loss`, { skip }, async (t) => {
    const port = await freePort()
    const [first, second] = [
      await startProgram(t, program, port),
      await startProgram(t, program, port),
    ]
    const answers = await countAnswers({ port }, 300)
    const pids = [first.pid, second.pid].map((pid) => `${pid}\n`)
    assert.deepEqual(new Set(answers.keys()), new Set(pids))

    const storm = await startStorm(t, { port, clients: 8 })
    assert.deepEqual(await first.end(), program.exit)
    const { answered, failed } = await storm.stop()
    assert.deepEqual(failed, {})
    assert.ok(answered > 0)
    assert.equal(await request({ port }), `${second.pid}\n`)
  })
}

/** Starts three programs of one page; returns them by their pids. */
async function startThree(t: TestContext, name: string, port: number) {
  const running = new Map<number, Fixture>()
  for (let i = 0; i < 3; i++) {
    const one = await startProgram(t, { page: 'recipes/socketio.md', name }, port)
    running.set(one.pid, one)
  }
  return running
}

/** A client that reconnects when its connection ends, and records which processes it is connected to. */
interface Client {
  at: number[]
  end(): void
}

function socketIoClient(port: number, transports?: string[]): Client {
  const options = { reconnectionDelay: 50, reconnectionDelayMax: 200, forceNew: true }
  const socket: Socket = io(`http://127.0.0.1:${port}`, {
    ...options,
    ...(transports === undefined ? {} : { transports }),
  })
  const at: number[] = []
  socket.on('process', (pid: number) => at.push(pid))
  return { at, end: () => socket.disconnect() }
}

function webSocketClient(port: number): Client {
  const at: number[] = []
  let socket: WebSocket
  let wanted = true
  const connect = (): void => {
    socket = new WebSocket(`ws://127.0.0.1:${port}`)
    socket.on('message', (pid) => at.push(Number(pid)))
    socket.on('error', () => {}) // 'close' follows.
    socket.on('close', () => {
      if (wanted) connect()
    })
  }
  connect()
  const end = (): void => {
    wanted = false
    socket.close()
  }
  return { at, end }
}

/** Ends the process that has the first client, and waits until its clients are elsewhere. */
async function endOneUnder(clients: Client[], running: Map<number, Fixture>): Promise<void> {
  await until(() => clients.every(({ at }) => at.length > 0))
  const pid = clients[0]?.at[0] ?? 0
  const there = clients.filter(({ at }) => at[0] === pid)
  assert.deepEqual(await running.get(pid)?.end(), byItself)
  await until(() => there.every(({ at }) => at.length > 1))
  for (const { at } of there) assert.notEqual(at[1], pid)
}

test('Socket.IO: an address stays with a process until that one ends', { skip }, async (t) => {
  const port = await freePort()
  const running = await startThree(t, 'chat.mjs', port)
  // It takes a moment until the policy is that of the whole group.
  await until(async () => (await countAnswers({ port }, 50)).size === 1)
  const clients = [
    ...Array.from({ length: 4 }, () => socketIoClient(port)),
    ...Array.from({ length: 4 }, () => socketIoClient(port, ['polling'])),
  ]
  t.after(() => {
    for (const client of clients) client.end()
  })
  await endOneUnder(clients, running)
  assert.equal(new Set(clients.map(({ at }) => at[0])).size, 1)
})

test('ws: clients of a process that ends reconnect to another', { skip }, async (t) => {
  const port = await freePort()
  const running = await startThree(t, 'echo.mjs', port)
  const clients = Array.from({ length: 8 }, () => webSocketClient(port))
  t.after(() => {
    for (const client of clients) client.end()
  })
  await endOneUnder(clients, running)
})
