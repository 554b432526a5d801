/** `reuse run --threads`: the workers are threads of one process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import net from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { freePort, request, startStorm } from '@reuse/testkit'
import { AppFolder, isAlive, untilPrinted } from './apps.js'
import { needsLinux } from './programs.js'
import { startTcpStorm } from './tcp-storm.js'
import { threadedModuleText, threadedText, untilAnswerers } from './threaded-server.js'

for (const [name, textOf] of [
  ['server.cjs', threadedText],
  ['server.mjs', threadedModuleText],
] as const) {
  test(`three threads of an unchanged ${name} share a port`, needsLinux, async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    const file = folder.write(name, textOf(port))
    const manager = folder.run('-n', 3, '--threads', name, 'one', '--two')
    const [pid = 0] = await folder.untilReady('server', 1)
    const answerers = await untilAnswerers(port, 3)
    assert.deepEqual(
      new Set([...answerers].map((answer) => answer.split(' ')[0])),
      new Set([String(pid)]),
    )
    assert.deepEqual(JSON.parse(await request({ port, path: '/argv' })), [file, 'one', '--two'])
    const { threads, instances, workers } = await folder.status('server')
    assert.deepEqual([threads, instances], [3, 1])
    assert.deepEqual(
      workers.map((worker) => [worker.pid, worker.threads, worker.listens]),
      [[pid, 3, [`127.0.0.1:${port}`]]],
    )
    assert.match((await folder.command('status')).stdout, /server.* in 3 threads, .*\n.* THREADS /)

    assert.equal((await folder.command('stop', 'server')).status, 0)
    assert.deepEqual(await manager.exit(), { code: 0, signal: null })
    assert.equal(isAlive(pid), false)
    await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  })
}

test('a process is ready when all its threads listen', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const go = `${folder.path}/go`
  folder.write(
    'server.cjs',
    threadedText(port).replace(
      /\.listen\(.*\)/,
      `
const listen = () => server.listen(${port}, '127.0.0.1')
if (threadId < 3) listen()
else {
  const timer = setInterval(() => {
    if (!require('node:fs').existsSync(${JSON.stringify(go)})) return
    clearInterval(timer)
    listen()
  }, 10)
}`,
    ),
  )
  folder.run('-n', 3, '--threads', 'server.cjs')
  const { workers } = await folder.until('server', (status) => status.workers[0]?.threads === 2)
  assert.equal(workers[0]?.state, 'starting')
  await untilAnswerers(port, 2)
  await setTimeout(1500) // Longer than the wait for a program that listens on nothing.
  assert.equal((await folder.status('server')).workers[0]?.state, 'starting')
  folder.write('go', '')
  await folder.untilReady('server', 1)
  await untilAnswerers(port, 3)
})

test('a reload of a process with threads loses nothing under load', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  folder.run('-n', 3, '--threads', 'server.cjs')
  const [before = 0] = await folder.untilReady('server', 1)
  const storm = await startStorm(t, { port })
  const bare = startTcpStorm({ port, send: 'GET / HTTP/1.0\r\n\r\n', expect: /\r\n\r\n\d+ \d+$/ })
  const { status, stdout } = await folder.command('reload', '--json')
  const [after = 0] = await folder.untilReady('server', 1)
  const reports = [await storm.stop(), await bare.stop()]
  assert.equal(status, 0)
  assert.deepEqual(JSON.parse(stdout), [{ worker: 1, before, after }])
  assert.equal(isAlive(before), false)
  for (const { answered, failed } of reports) {
    assert.deepEqual(failed, {})
    assert.ok(answered > 100, `${answered}`)
  }
  for (const answer of await untilAnswerers(port, 3)) assert.match(answer, new RegExp(`^${after} `))
})

test('reuse scale changes the number of threads without loss', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  folder.run('-n', 2, '--threads', 'server.cjs')
  const [before = 0] = await folder.untilReady('server', 1)
  const storm = await startStorm(t, { port })
  const scaled = await folder.command('scale', 3)
  assert.deepEqual([scaled.status, scaled.stdout], [0, 'app server has 3 threads\n'])
  assert.deepEqual((await storm.stop()).failed, {})
  const { threads, workers } = await folder.status('server')
  assert.deepEqual([threads, workers.length, workers[0]?.threads], [3, 1, 3])
  assert.equal(isAlive(before), false)

  folder.write('server.cjs', 'throw new Error("broken now")')
  const failed = await folder.command('scale', 2)
  assert.equal(failed.status, 1)
  assert.match(failed.stderr, /worker 1, .* did not become ready: it ended with exit code 1/)
  assert.match(failed.stderr, /broken now/)
  const after = await folder.status('server')
  assert.deepEqual([after.threads, after.workers.length], [3, 1])
  assert.equal(after.workers[0]?.pid, workers[0]?.pid)
})

test('reuse stop lets threads finish requests, output and exit handlers', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write(
    'server.cjs',
    `const http = require('node:http')
http.createServer((request, response) => {
  response.write('begun ')
  request.resume().once('end', () => response.end('finished'))
}).listen(${port}, '127.0.0.1').once('close', () => console.log('closed'))
process.once('exit', () => console.log('exit of a thread'))`,
  )
  const manager = folder.run('-n', 2, '--threads', 'server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  const client = net.connect(port, '127.0.0.1')
  client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\n\r\n')
  const answer = text(client)
  await once(client, 'readable')
  const stopping = folder.command('stop', 'server')
  // The other thread has nothing to finish.
  await untilPrinted(manager, /exit of a thread/)
  assert.equal(isAlive(pid), true)
  client.write('x')
  assert.match(await answer, /begun [\s\S]*finished/)
  assert.equal((await stopping).status, 0)
  assert.deepEqual(await manager.exit(), { code: 0, signal: null })
  assert.equal(manager.output.match(/\| closed/g)?.length, 2)
  assert.equal(manager.output.match(/\| exit of a thread/g)?.length, 2)
})

test('another manager adopts a process with threads', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  const words = ['-n', 2, '--threads', 'server.cjs']
  const manager = folder.run(...words)
  const pids = await folder.untilReady('server', 1)
  const storm = await startStorm(t, { port })
  await manager.end('SIGKILL')
  const next = folder.run(...words)
  assert.deepEqual(await folder.untilReady('server', 1), pids)
  await untilPrinted(next, /has been taken over by this manager/)
  const other = await next.end('SIGKILL')
  assert.equal(other.signal, 'SIGKILL')
  // A different number of threads means a different process.
  folder.run('-n', 3, '--threads', 'server.cjs')
  const { workers } = await folder.until(
    'server',
    (status) => status.workers.length === 1 && status.workers[0]?.threads === 3,
  )
  assert.notDeepEqual([workers[0]?.pid], pids)
  assert.deepEqual((await storm.stop()).failed, {})
})

test('threads of a program that calls setReuse finish their requests', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const core = JSON.stringify(import.meta.resolve('@reuse/core'))
  folder.write(
    'server.mjs',
    `import http from 'node:http'
import { setReuse } from ${core}
const server = http.createServer((_, response) => {
  console.log('asked')
  setTimeout(() => response.end('late'), 300)
})
setReuse(server)
server.listen(${port}, '127.0.0.1')`,
  )
  const manager = folder.run('-n', 2, '--threads', 'server.mjs')
  await folder.untilReady('server', 1)
  const answer = request({ port })
  await untilPrinted(manager, /asked/)
  assert.deepEqual(await manager.end('SIGTERM'), { code: 0, signal: null })
  assert.equal(await answer, 'late')
})

test('with --wait-ready, threads are ready when they say so', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const go = `${folder.path}/go`
  const say = `const timer = setInterval(() => {
  if (!require('node:fs').existsSync(${JSON.stringify(go)})) return
  clearInterval(timer)
  process.send('ready')
}, 10)`
  folder.write('server.cjs', threadedText(port, say))
  folder.run('-n', 2, '--threads', '--wait-ready', 'server.cjs')
  const { workers } = await folder.until('server', (status) => status.workers[0]?.threads === 2)
  assert.equal(workers[0]?.state, 'starting')
  folder.write('go', '')
  await folder.untilReady('server', 1)
})
