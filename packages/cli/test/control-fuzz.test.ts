/** The control socket of an app gets nonsense: the app goes on, and answers valid requests. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { freePort, request } from '@reuse/testkit'
import { fc, fuzz, isText, readCorpus, spoiled } from '@reuse/testkit/fuzz'
import { longestRequest, parseRequest, type Request } from '../src/control/messages.js'
import { AppFolder, serverText } from './apps.js'
import { needsLinux, needsOtherUser, otherUser } from './programs.js'

interface RunningApp {
  folder: AppFolder
  socket: string
  /** Rejects if the app no longer works. */
  check(): Promise<void>
}

async function startApp(t: TestContext): Promise<RunningApp> {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('server.cjs')
  const pids = await folder.untilReady('server', 1)
  return {
    folder,
    socket: path.join(folder.path, 'reuse/server/control'),
    check: async () => {
      assert.deepEqual(await folder.untilReady('server', 1), pids)
      assert.equal(manager.running, true)
      assert.equal(await request({ port }), String(pids[0]))
    },
  }
}

/** Waits until a socket is closed, by an error or not. */
async function untilClosed(socket: net.Socket): Promise<void> {
  await new Promise<void>((resolve) => socket.once('close', () => resolve()))
}

/** Sends something, and returns what arrives until the connection ends. */
async function send(path: string, ...parts: (string | Buffer)[]): Promise<string> {
  const socket = net.connect({ path, allowHalfOpen: true })
  let heard = ''
  socket.setEncoding('utf8').on('data', (text: string) => {
    heard += text
  })
  socket.on('error', () => {})
  for (const part of parts) socket.write(part)
  const closed = untilClosed(socket)
  socket.once('end', () => socket.destroy())
  await closed
  return heard
}

test('parseRequest accepts valid requests, and returns an error text for others', () => {
  const right = [
    { verb: 'status' },
    { verb: 'measure' },
    { verb: 'reload' },
    { verb: 'stop' },
    { verb: 'scale', instances: 3 },
    { verb: 'logs', lines: 10, follow: true },
  ]
  for (const one of right) assert.deepEqual(parseRequest(JSON.stringify(one)), one)
  const wrong = [
    ...['', '{', 'null', '1', '"status"', '[]', '[{"verb":"status"}]', '{}', '{"verb":1}'],
    ...['{"verb":"exec"}', '{"verb":"constructor"}', '{"__proto__":{"verb":"stop"}}'],
    ...['{"verb":"scale"}', '{"verb":"scale","instances":"3"}', '{"verb":"scale","instances":-1}'],
    ...['{"verb":"scale","instances":1e99}', '{"verb":"logs"}', '{"verb":"logs","lines":0.5}'],
  ]
  for (const one of wrong) assert.equal(typeof parseRequest(one), 'string', one)
})

const corpus = readCorpus(import.meta.url, 'requests', isText)

const requests = fc.oneof<fc.Arbitrary<Request>[]>(
  fc
    .constantFrom('status', 'measure', 'reload', 'promote', 'rollback', 'stop')
    .map((verb) => ({ verb })),
  fc.record({ verb: fc.constant('canary'), share: fc.double({ noNaN: true }) }),
  fc.record({ verb: fc.constant('scale'), instances: fc.maxSafeNat() }),
  fc.record({ verb: fc.constant('logs'), lines: fc.maxSafeNat(), follow: fc.boolean() }),
)

const lines = fc.oneof(
  spoiled(requests.map((request) => JSON.stringify(request))),
  spoiled(fc.constantFrom(...corpus)),
  fc.json(),
  // With the properties of a request, and any values.
  fc
    .dictionary(fc.constantFrom('verb', 'share', 'instances', 'lines', 'follow'), fc.jsonValue())
    .chain((others) => requests.map((request) => JSON.stringify({ ...request, ...others }))),
)

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
/** What a request has besides its verb. The app's supervisor checks the ranges. */
const members: Record<Request['verb'], Record<string, (value: unknown) => boolean>> = {
  status: {},
  measure: {},
  reload: {},
  promote: {},
  rollback: {},
  release: {},
  stop: {},
  canary: { share: (value) => typeof value === 'number' },
  scale: { instances: isCount },
  logs: { lines: isCount, follow: (value) => typeof value === 'boolean' },
}

test('parseRequest turns any line into a request with known fields or an error text', async (t) => {
  let taken = 0
  await fuzz(t, lines, {
    corpus,
    runs: 5000,
    check: (line) => {
      const request = parseRequest(line)
      if (typeof request === 'string') return assert.match(request, /^[ -~]+$/)
      taken++
      const { verb, ...others } = request
      assert.deepEqual(Object.keys(others), Object.keys(members[verb]))
      for (const [name, value] of Object.entries(others)) {
        assert.ok(members[verb][name]?.(value), `${name}: ${value}`)
      }
    },
  })
  assert.ok(taken > 100, `${taken} were taken`)
})

test('malformed requests are answered with an error', needsLinux, async (t) => {
  const { socket, check } = await startApp(t)
  for (const line of ['nonsense', '', '{"verb":"fly"}', '{"verb":"scale","instances":0}', '\0\0']) {
    assert.match(await send(socket, `${line}\n`), /^\{"error":\{"message":"[^\n]+\}\}\n$/, line)
  }
  const long = await send(socket, 'x'.repeat(longestRequest + 1))
  assert.equal(long, `{"error":{"message":"a request has at most ${longestRequest} bytes"}}\n`)
  await check()
})

test('a control request may arrive in parts, and only one is answered', needsLinux, async (t) => {
  const { socket, check } = await startApp(t)
  const parts = [...'{"verb":"status"}\n{"verb":"stop"}\n']
  const answers = (await send(socket, ...parts)).trimEnd().split('\n')
  assert.equal(answers.length, 1)
  assert.equal(JSON.parse(answers[0] ?? '').result.name, 'server')
  await check()
})

/** What a client sends on one connection: pieces, and then its end or the end of a line. */
const visits = fc.record({
  pieces: fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.constantFrom(...corpus, '{"verb":"sta')),
    { maxLength: 4 },
  ),
  ends: fc.boolean(),
})

test('random bytes and truncated requests do not disturb the app', needsLinux, async (t) => {
  const { socket, check } = await startApp(t)
  const visit = async ({ pieces, ends }: { pieces: (Uint8Array | string)[]; ends: boolean }) => {
    const client = net.connect(socket)
    client.on('error', () => {})
    client.resume()
    const closed = untilClosed(client)
    for (const piece of pieces) client.write(piece)
    if (ends) client.destroySoon()
    else client.write('\n')
    await closed
  }
  await fuzz(t, fc.array(visits, { minLength: 1, maxLength: 8 }), {
    corpus: corpus.map((line) => [{ pieces: [line], ends: false }]),
    runs: 20,
    check: async (all) => {
      await Promise.all(all.map(visit))
    },
  })
  await check()
})

test('a client that floods the control socket is disconnected', needsLinux, async (t) => {
  const { socket, check } = await startApp(t)
  for (const beginning of [
    '',
    '{"verb":"status"}\n',
    '{"verb":"logs","lines":1,"follow":true}\n',
  ]) {
    const client = net.connect(socket)
    client.on('error', () => {})
    client.resume()
    const closed = untilClosed(client)
    client.write(beginning)
    let isOpen = true
    closed.then(() => {
      isOpen = false
    })
    const chunk = randomBytes(16_384).toString('hex')
    while (isOpen) {
      client.write(chunk)
      await setTimeout(0)
    }
  }
  await check()
})

test('idle control connections are closed, even 200 at once', needsLinux, async (t) => {
  const { socket, folder, check } = await startApp(t)
  const clients = Array.from({ length: 200 }, () => net.connect(socket))
  const closed = clients.map((client) => {
    client.on('error', () => {})
    client.resume()
    return untilClosed(client)
  })
  // While these hold all connections, another command says so.
  await Promise.race(closed)
  const refused = await folder.command('status', 'server')
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /it has too many, or has ended|ended the connection before/)
  await Promise.all(closed)
  await check()
})

test('a log follower that does not read is cut off, and the app goes on', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const much = `setInterval(() => { for (let n = 0; n < 20; n++) console.log('x'.repeat(1000)) }, 5)`
  folder.write('server.cjs', serverText(port, much))
  const manager = folder.run('server.cjs')
  await folder.untilReady('server', 1)
  const socket = net.connect(path.join(folder.path, 'reuse/server/control'))
  socket.on('error', () => {})
  socket.pause()
  socket.write('{"verb":"logs","lines":0,"follow":true}\n')
  await once(socket, 'connect')
  await setTimeout(2000) // However much it has got, it is now far behind.
  await folder.untilReady('server', 1)
  let received = 0
  socket.on('data', ({ length }) => {
    received += length
  })
  socket.resume()
  await untilClosed(socket)
  // What the system and the manager buffer for a connection.
  assert.ok(received > 0 && received < 8 * 2 ** 20, `${received}`)
  await folder.untilReady('server', 1)
  assert.equal(manager.running, true)
})

test('another user gets no answer even from a world-writable socket', needsOtherUser, async (t) => {
  const { folder, socket, check } = await startApp(t)
  for (const one of [folder.path, path.dirname(path.dirname(socket)), path.dirname(socket)]) {
    fs.chmodSync(one, 0o755)
  }
  fs.chmodSync(socket, 0o666)
  const script = folder.write(
    'client.cjs',
    `if (process.argv[2]) process.setuid(Number(process.argv[2]))
const socket = require('node:net').connect(${JSON.stringify(socket)})
socket.write('{"verb":"status"}\\n')
socket.on('data', () => console.log('answered')).on('close', () => console.log('closed'))
socket.on('error', () => {})`,
  )
  const run = (...user: number[]): string =>
    spawnSync(process.execPath, [script, ...user.map(String)], { encoding: 'utf8' }).stdout
  assert.equal(run(), 'answered\nclosed\n')
  assert.equal(run(otherUser), 'closed\n')
  for (const one of [path.dirname(path.dirname(socket)), path.dirname(socket)])
    fs.chmodSync(one, 0o700)
  await check()
})
