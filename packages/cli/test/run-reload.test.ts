/** `reuse reload`: workers are replaced one by one, and nothing is lost. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freePort, request, startStorm } from '@reuse/testkit'
import { AppFolder, isAlive, serverText, untilGone, untilPrinted } from './apps.js'
import { needsLinux } from './programs.js'

for (const instances of [1, 3]) {
  test(
    `with -n ${instances}, a reload under load loses nothing; a restart loses requests`,
    needsLinux,
    async (t) => {
      const folder = new AppFolder(t)
      const port = await freePort()
      folder.write('server.cjs', serverText(port))
      const manager = folder.run('-n', instances, 'server.cjs')
      const before = await folder.untilReady('server', instances)

      const storm = await startStorm(t, { port })
      const { status, stdout } = await folder.command('reload', '--json')
      const after = await folder.untilReady('server', instances)
      const { answered, failed } = await storm.stop()
      assert.equal(status, 0)
      assert.deepEqual(
        JSON.parse(stdout),
        before.map((pid, index) => ({ worker: index + 1, before: pid, after: after[index] })),
      )
      assert.deepEqual(before.filter(isAlive), [])
      assert.deepEqual(failed, {})
      assert.ok(answered > 100, `${answered}`)

      // A restart instead of a reload.
      const second = await startStorm(t, { port })
      await folder.command('stop', 'server')
      await manager.exit()
      folder.run('-n', instances, 'server.cjs')
      await folder.untilReady('server', instances)
      assert.ok(((await second.stop()).failed.ECONNREFUSED ?? 0) > 0)
    },
  )
}

test('a version that does not start stops the reload', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const good = serverText(port)
  folder.write('server.cjs', good)
  const manager = folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  folder.write('server.cjs', `console.log('reading settings'); throw new Error('no such setting')`)
  const storm = await startStorm(t, { port })
  const { status, stdout, stderr } = await folder.command('reload')
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(
    stderr,
    /^reuse: the reload has stopped, and all workers stay as they were: worker 1/,
  )
  assert.match(stderr, /version 2 \(pid \d+\) did not become ready: it ended with exit code 1\./)
  assert.match(stderr, /\n {2}reading settings\n/)
  assert.match(stderr, /\n {2}Error: no such setting\n/)
  assert.deepEqual((await storm.stop()).failed, {})
  assert.deepEqual(await folder.untilReady('server', 2), before)
  await untilPrinted(manager, /the reload has stopped/)

  folder.write('server.cjs', good)
  assert.equal((await folder.command('reload')).status, 0)
  const { workers } = await folder.status('server')
  assert.deepEqual(
    workers.map(({ version, state }) => [version, state]),
    [
      [3, 'ready'],
      [3, 'ready'],
    ],
  )
})

test('a reload fails if the new version does not listen in time', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  folder.run('--ready-timeout', 2, 'server.cjs')
  const [before = 0] = await folder.untilReady('server', 1)
  folder.write('server.cjs', 'setInterval(() => {}, 1000)')
  const { status, stderr } = await folder.command('reload')
  assert.equal(status, 1)
  assert.match(stderr, /it was not ready after 2 s\. It has printed nothing\.\n$/)
  assert.deepEqual(await folder.untilReady('server', 1), [before])
  assert.equal(await request({ port }), String(before))
})

test('SIGHUP reloads, and a second SIGHUP waits for its turn', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  process.kill(manager.pid, 'SIGHUP')
  await untilPrinted(manager, /SIGHUP: reloading/)
  process.kill(manager.pid, 'SIGHUP')
  await untilPrinted(manager, /(reloaded: 2 workers replaced[\s\S]*){2}/)
  const { workers, version } = await folder.status('server')
  assert.equal(version, 3)
  assert.deepEqual(
    workers.map((worker) => [worker.version, before.includes(worker.pid ?? 0)]),
    [
      [3, false],
      [3, false],
    ],
  )
})

test(
  'an old worker that does not leave is killed, along with its child processes',
  needsLinux,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    const stubborn = `process.on('SIGTERM', () => {})
console.log('child', require('node:child_process').spawn('sleep', ['1000']).pid)`
    folder.write('server.cjs', serverText(port, stubborn))
    const manager = folder.run('--leave-timeout', 0.5, 'server.cjs')
    const [before = 0] = await folder.untilReady('server', 1)
    const [, child] = await untilPrinted(manager, /server 1 \| child (\d+)/)
    assert.equal(isAlive(Number(child)), true)
    assert.equal((await folder.command('reload')).status, 0)
    await untilGone([before, Number(child)])
  },
)

test('reuse stop ends a reload that is in progress', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('server.cjs')
  await folder.untilReady('server', 1)
  folder.write('server.cjs', 'setInterval(() => {}, 1000)')
  const reloading = folder.command('reload')
  await folder.until('server', ({ workers }) => workers.length === 2)
  assert.equal((await folder.command('stop', 'server')).status, 0)
  const { status, stderr } = await reloading
  assert.equal(status, 1)
  assert.match(stderr, /the app is being stopped/)
  assert.deepEqual(await manager.exit(), { code: 0, signal: null })
})
