/**
 * `reuse run` where the system does not spread connections: workers share one listener, as on macOS and
 * Windows. On Linux, a variable that only tests use selects this.
 */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { peers } from '@reuse/core'
import { freePort, request, startStorm, until } from '@reuse/testkit'
import {
  AppFolder,
  isAlive,
  pidsOf,
  serverText,
  untilAnswered,
  untilGone,
  untilPrinted,
} from './apps.js'
import { needsLinux, needsUnix } from './programs.js'

function makeFolder(t: TestContext): AppFolder {
  return new AppFolder(t, { REUSE_TEST_ONE_LISTENER: '1' })
}

/** A program that ends at once while there is a file `broken` beside it. */
const mayBreak = `if (require('node:fs').existsSync(__dirname + '/broken')) process.exit(7)
`

async function untilRefused(port: number): Promise<void> {
  await until(async () => (await tryToConnect(port)) !== 'connected')
}

/** Resolves with the code of the error, or `'connected'`. */
async function tryToConnect(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return 'connected'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  } finally {
    socket.destroy()
  }
}

test('all workers accept from one shared listener', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 3, 'server.cjs')
  const pids = await folder.untilReady('server', 3)
  await untilAnswered(port, pids)
  const sockets = await peers(port)
  assert.equal(sockets.length, 1)
  const { workers } = await folder.status('server')
  for (const { listens, queue, share } of workers) {
    assert.deepEqual([listens, queue, share], [[`127.0.0.1:${port}`], null, null])
  }

  const { status } = await folder.command('stop', 'server')
  assert.deepEqual([status, await manager.exit()], [0, { code: 0, signal: null }])
  assert.deepEqual(pids.filter(isAlive), [])
  assert.equal(await tryToConnect(port), 'ECONNREFUSED')
})

test('the port stays open while no worker lives, and connections wait', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const broken = folder.write('broken', '')
  fs.rmSync(broken)
  folder.write('server.cjs', mayBreak + serverText(port))
  folder.run('-n', 2, 'server.cjs')
  const pids = await folder.untilReady('server', 2)
  folder.write('broken', '')
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await untilGone(pids)
  await folder.until('server', ({ workers }) => workers.every(({ crashes }) => crashes > 1))
  assert.equal(await tryToConnect(port), 'connected')
  const answer = request({ port })
  fs.rmSync(broken)
  const next = await folder.untilReady('server', 2)
  assert.ok(next.includes(Number(await answer)))
})

test('the port is closed if no worker starts within the hold timeout', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  folder.write('server.cjs', mayBreak + serverText(port))
  const manager = folder.run('--hold-timeout', 0.1, 'server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  folder.write('broken', '')
  process.kill(pid, 'SIGKILL')
  await untilPrinted(manager, /it ended with exit code 7.*it ended with exit code 7/s)
  await untilRefused(port)
  fs.rmSync(path.join(folder.path, 'broken'))
  await folder.untilReady('server', 1)
  assert.equal(await tryToConnect(port), 'connected')
})

test('a reload with one shared listener loses nothing under load', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  const storm = await startStorm(t, { port })
  const { status, stdout } = await folder.command('reload', '--json')
  const after = await folder.untilReady('server', 2)
  const { answered, failed } = await storm.stop()
  assert.equal(status, 0)
  assert.deepEqual(
    JSON.parse(stdout),
    before.map((pid, index) => ({ worker: index + 1, before: pid, after: after[index] })),
  )
  assert.deepEqual(before.filter(isAlive), [])
  assert.deepEqual(failed, {})
  assert.ok(answered > 100, `${answered}`)
})

test('a version that does not start stops the reload', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  folder.write('server.cjs', mayBreak + serverText(port))
  folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  folder.write('broken', '')
  const { status, stderr } = await folder.command('reload')
  assert.equal(status, 1)
  assert.match(stderr, /all workers stay as they were: worker 1.* it ended with exit code 7\./s)
  assert.deepEqual(pidsOf(await folder.status('server')), before)
  assert.ok(before.includes(Number(await request({ port }))))
})

test('reuse scale, reuse logs and --wait-ready work with one listener', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const more = `console.log('hello'); setTimeout(() => process.send('ready'), 100)`
  folder.write('server.cjs', serverText(port, more))
  folder.run('--wait-ready', 'server.cjs')
  const [first] = await folder.untilReady('server', 1)
  assert.equal((await folder.command('scale', 3)).status, 0)
  const three = await folder.untilReady('server', 3)
  assert.equal(three[0], first)
  assert.equal((await folder.command('scale', 1)).status, 0)
  assert.deepEqual(pidsOf(await folder.status('server')), [first])
  await untilGone(three.slice(1))
  assert.match((await folder.command('logs')).stdout, /hello/)
})

test(
  'a program’s own SIGTERM handler runs, and the program ends when it chooses to',
  needsUnix,
  async (t) => {
    const folder = makeFolder(t)
    const port = await freePort()
    const own = `const server = http.createServer((_, response) => {
  setTimeout(() => response.end(String(process.pid)), 300)
}).listen(${port}, '127.0.0.1')
process.on('SIGTERM', () => {
  console.log('asked to end')
  server.close(() => console.log('has closed'))
})`
    folder.write('server.cjs', `const http = require('node:http')\n${own}`)
    const manager = folder.run('server.cjs')
    const [pid] = await folder.untilReady('server', 1)
    const answer = request({ port })
    const { status } = await folder.command('reload')
    assert.equal(status, 0)
    assert.ok(Number(await answer) > 0)
    await untilPrinted(manager, /asked to end/)
    await untilPrinted(manager, /has closed/)
    await untilGone([pid ?? 0])
  },
)

test('a program that uses @reuse itself gets the same listener', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const core = import.meta.resolve('@reuse/core')
  folder.write(
    'server.mjs',
    `import http from 'node:http'
import { setReuse } from ${JSON.stringify(core)}
const server = http.createServer((_, response) => {
  response.setHeader('connection', 'close')
  response.end(String(process.pid))
})
const member = setReuse(server)
server.listen(${port}, '127.0.0.1')
process.on('SIGTERM', async () => {
  console.log(JSON.stringify([member.address().port, await member.leave(), member.address()]))
})`,
  )
  const manager = folder.run('-n', 2, 'server.mjs')
  const pids = await folder.untilReady('server', 2)
  assert.equal((await peers(port)).length, 1)
  await untilAnswered(port, pids)
  await folder.command('stop', 'server')
  await manager.exit()
  const [, said = ''] =
    /\[1\] (\[.*\])/.exec(manager.output) ?? /(\[\d+,\{.*\])/.exec(manager.output) ?? []
  assert.match(said, new RegExp(`^\\[${port},\\{"lossless":true,.*\\},null\\]$`))
})

test('two servers of a worker do not share a port', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const more = `http.createServer().listen(${port}, '127.0.0.1').on('error', ({ code }) => console.log('second:', code))`
  folder.write('server.cjs', serverText(port, more))
  const manager = folder.run('server.cjs')
  // In Node 22 to 26 at least, an assertion of Node's cluster module fails where this error occurs.
  await untilPrinted(manager, /second: EADDRINUSE|ERR_INTERNAL_ASSERTION/)
})

test('a worker fails with EADDRINUSE if another program has the port', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const other = net.createServer().listen(0, '127.0.0.1')
  t.after(() => other.close())
  await once(other, 'listening')
  const address = other.address()
  assert.ok(typeof address === 'object' && address !== null)
  folder.write('server.cjs', serverText(address.port))
  const manager = folder.run('server.cjs')
  await untilPrinted(manager, /EADDRINUSE/)
  await untilPrinted(manager, /worker 1 .* ended unexpectedly/)
})

test('a program that listens on nothing is ready after a while', needsUnix, async (t) => {
  const folder = makeFolder(t)
  folder.write('job.cjs', 'setInterval(() => {}, 1000)')
  folder.run('-n', 2, 'job.cjs')
  await folder.untilReady('job', 2)
})

test('workers end when their manager is killed, and the next can start', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const pids = await folder.untilReady('server', 2)
  await manager.end('SIGKILL')
  await untilGone(pids)
  // Nothing it leaves behind is in the way of the next manager.
  folder.run('-n', 2, 'server.cjs')
  await folder.untilReady('server', 2)
})

test('features that need Linux are refused with a message', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const server = folder.write('server.cjs', serverText(await freePort()))
  const refused = {
    '--threads': /threads needs Linux/,
    '--weight 2': /weight needs Linux/,
    '--steering hash': /steering needs Linux/,
    '--hang-timeout 1': /hangTimeout needs Linux/,
    '--max-memory 100': /maxMemory needs Linux/,
  }
  for (const [words, says] of Object.entries(refused)) {
    const { status, stderr } = await folder.command('run', ...words.split(' '), server)
    assert.equal(status, 3, stderr)
    assert.match(stderr, says)
  }
  const { status, stderr } = await folder.command('run', '--', 'true')
  assert.equal(status, 3, stderr)
  assert.match(stderr, /a command needs Linux/)

  folder.run('server.cjs')
  await folder.untilReady('server', 1)
  const canary = await folder.command('reload', '--canary', '5%')
  assert.equal(canary.status, 1)
  assert.match(canary.stderr, /a canary needs Linux/)
})

test('supervise() is refused in a node:cluster worker', needsUnix, async (t) => {
  const folder = makeFolder(t)
  const supervise = fileURLToPath(import.meta.resolve('@reuse/cli'))
  folder.write('server.cjs', serverText(await freePort()))
  const program = folder.write(
    'program.mjs',
    `import cluster from 'node:cluster'
import { supervise } from ${JSON.stringify(supervise)}
if (cluster.isPrimary) cluster.fork()
else supervise({ name: 'x', script: 'server.cjs' }).catch(({ code, message }) => {
  console.log(code, message)
  process.exit()
})`,
  )
  const started = folder.start(process.execPath, program)
  await untilPrinted(started, /ERR_SUPERVISE_UNSUPPORTED.*is a worker of it/)
})
