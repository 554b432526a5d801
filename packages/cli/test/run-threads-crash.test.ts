/** `reuse run --threads`: threads that end by themselves, or hang. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort, request, startStorm } from '@reuse/testkit'
import { AppFolder, untilGone, untilPrinted } from './apps.js'
import { needsLinux } from './programs.js'
import { threadedText, untilAnswerers, untilNewAnswerer } from './threaded-server.js'

test('a thread that throws is started again, and the others serve', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  const manager = folder.run('-n', 3, '--threads', 'server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  const before = await untilAnswerers(port, 3)
  const clients = 8
  const storm = await startStorm(t, { port, clients })
  await assert.rejects(request({ port, path: '/throw' }), { code: 'ECONNRESET' })
  await untilPrinted(manager, /thread (\d) ended unexpectedly: .*; it restarts in 0\.1 s/)
  await untilPrinted(manager, /Error: thrown in \d+/)
  const answerers = await untilNewAnswerer(port, before)
  assert.deepEqual(
    new Set([...answerers].map((answer) => answer.split(' ')[0])),
    new Set([String(pid)]),
  )
  // Only what the thread itself had accepted: one request of each client at most.
  const { ECONNRESET: lost = 0, ...others } = (await storm.stop()).failed
  assert.deepEqual(others, {})
  assert.ok(lost <= clients, `${lost}`)
  await folder.until('server', ({ workers }) => workers[0]?.threads === 3)
  await folder.until('server', ({ workers }) => workers[0]?.threadRestarts === 1)
  assert.deepEqual(await folder.untilReady('server', 1), [pid])
})

test(
  'a thread that ends again and again is reported, and the others serve',
  needsLinux,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    folder.write('server.cjs', threadedText(port))
    const manager = folder.run('-n', 2, '--threads', 'server.cjs')
    const [pid = 0] = await folder.untilReady('server', 1)
    folder.write('server.cjs', 'process.exit(7)')
    await assert.rejects(request({ port, path: '/throw' }), { code: 'ECONNRESET' })
    await untilPrinted(manager, /thread \d has ended 5 times in a row/)
    for (const delay of [0.2, 0.4, 0.8, 1.6]) {
      assert.match(manager.output, new RegExp(`ended with exit code 7; it restarts in ${delay} s`))
    }
    assert.equal(Number((await request({ port })).split(' ')[0]), pid)
    assert.deepEqual(await folder.untilReady('server', 1), [pid])
  },
)

test('when no thread is left, the process is started again', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  const manager = folder.run('--threads', 'server.cjs')
  const [before = 0] = await folder.untilReady('server', 1)
  await assert.rejects(request({ port, path: '/throw' }), { code: 'ECONNRESET' })
  await untilPrinted(manager, /thread 1 ended unexpectedly: .*; its process ends/)
  await untilPrinted(manager, /worker 1 \(pid \d+\) ended unexpectedly: it ended with exit code 1/)
  await untilGone([before])
  await untilAnswerers(port, 1)
})

test('a thread whose event loop is blocked is ended', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  const manager = folder.run('-n', 2, '--threads', '--hang-timeout', 0.5, 'server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  const before = await untilAnswerers(port, 2)
  await assert.rejects(request({ port, path: '/block' }), { code: 'ECONNRESET' })
  await untilPrinted(manager, /thread \d ended unexpectedly: it did not answer for 0\.5 s/)
  await untilNewAnswerer(port, before)
  assert.deepEqual(await folder.untilReady('server', 1), [pid])
})

test('a version whose threads do not start stops the reload', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', threadedText(port))
  folder.run('-n', 2, '--threads', 'server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  folder.write('server.cjs', threadedText(port, `if (threadId === 2) process.exit(9)`))
  const { status, stderr } = await folder.command('reload')
  assert.equal(status, 1)
  assert.match(stderr, /it ended with exit code 9\..*\n.*thread 2 ended unexpectedly/)
  assert.deepEqual(await folder.untilReady('server', 1), [pid])
})

test('threads that listen on nothing become ready and are restarted', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const crash = `${folder.path}/crash`
  folder.write(
    'queue.cjs',
    `const { threadId } = require('node:worker_threads')
setInterval(() => {
  if (threadId === 1 && require('node:fs').existsSync(${JSON.stringify(crash)})) process.exit(3)
}, 10)`,
  )
  const manager = folder.run('-n', 2, '--threads', 'queue.cjs')
  const pids = await folder.untilReady('queue', 1)
  folder.write('crash', '')
  await untilPrinted(manager, /thread 1 .* exit code 3; it restarts/)
  assert.deepEqual(await folder.untilReady('queue', 1), pids)
  assert.equal((await folder.command('stop', 'queue')).status, 0)
  await untilGone(pids)
})
