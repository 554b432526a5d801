/** A canary: one worker of the next version, which gets a share of the new connections. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { countAnswers, freePort, needs, until } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { needsLinux } from './programs.js'
import { startTcpStorm } from './tcp-storm.js'

const needsSteering = needs('linux', 'holders', 'steering')

const http = { send: 'GET / HTTP/1.0\r\n\r\n', expect: /^HTTP\/1\.1 200[\s\S]*\r\n\r\n\w+$/ }

/** An app of some workers that answers with its version. */
async function startApp(t: TestContext, instances: number) {
  // Otherwise a worker takes what waits at a busy one, and the shares are not those of the filter.
  const folder = new AppFolder(t, { REUSE_RESCUE: 'false' })
  const port = await freePort()
  const release = (answer: string): string =>
    folder.write('server.cjs', serverText(port).replace('String(process.pid)', `'${answer}'`))
  const manager = folder.run('-n', instances, '--name', 'app', release('old'))
  await folder.untilReady('app', instances)
  return { folder, port, release, manager }
}

test('a canary gets its share; promote then replaces all workers', needsSteering, async (t) => {
  const { folder, port, release } = await startApp(t, 2)
  const storm = startTcpStorm({ port, ...http, clients: 4 })
  release('new')
  const started = await folder.command('reload', '--canary', '20%')
  assert.deepEqual([started.status, started.stderr], [0, ''])
  const { workers } = await folder.status('app')
  assert.deepEqual(
    workers.map(({ worker, version, state }) => [worker, version, state]),
    [
      [1, 1, 'ready'],
      [2, 1, 'ready'],
      [0, 2, 'ready'],
    ],
  )
  assert.match((await folder.command('status')).stdout, /^canary +\d+ +ready/m)
  // 100 of 500 once the group has its filter; five standard deviations are 45.
  let share = 0
  await until(
    async () => {
      share = (await countAnswers({ port }, 500)).get('new') ?? 0
      return share > 50 && share < 150
    },
    () => `the canary got ${share} of 500`,
  )

  const again = await folder.command('reload')
  assert.equal(again.status, 1)
  assert.match(again.stderr, /app app has a canary.*reuse promote app.*reuse rollback app/)
  assert.match((await folder.command('scale', 5)).stderr, /app app has a canary/)
  const promoted = await folder.command('promote')
  assert.deepEqual([promoted.status, promoted.stderr], [0, ''])
  assert.deepEqual([...(await countAnswers({ port }, 50)).keys()], ['new'])
  const after = await folder.status('app')
  assert.deepEqual(
    after.workers.map(({ worker, version }) => [worker, version]),
    [
      [1, 2],
      [2, 2],
    ],
  )
  assert.deepEqual((await storm.stop()).failed, {})
})

test('a canary that is rolled back leaves the others as they were', needsSteering, async (t) => {
  const { folder, port, release } = await startApp(t, 2)
  const before = (await folder.status('app')).workers.map(({ pid }) => pid)
  release('new')
  assert.equal((await folder.command('reload', '--canary', '50')).status, 0)
  const storm = startTcpStorm({ port, ...http, clients: 4 })
  assert.equal((await folder.command('rollback')).status, 0)
  assert.deepEqual((await storm.stop()).failed, {})
  assert.deepEqual([...(await countAnswers({ port }, 50)).keys()], ['old'])
  assert.deepEqual(
    (await folder.status('app')).workers.map(({ pid }) => pid),
    before,
  )
  for (const verb of ['promote', 'rollback']) {
    const { status, stderr } = await folder.command(verb)
    assert.equal(status, 1)
    assert.match(stderr, /app app has no canary/)
  }
})

test('a canary that does not become ready is reported and removed', needsLinux, async (t) => {
  const { folder, port, manager } = await startApp(t, 1)
  folder.write('server.cjs', 'console.error("it is broken"); process.exit(9)')
  const { status, stderr } = await folder.command('reload', '--canary', '5%')
  assert.equal(status, 1)
  assert.match(stderr, /canary.* did not become ready: it ended with exit code 9/)
  assert.match(stderr, /it is broken/)
  await untilPrinted(manager, /app canary \| it is broken/)
  assert.equal((await folder.status('app')).workers.length, 1)
  assert.deepEqual([...(await countAnswers({ port }, 10)).keys()], ['old'])
})

test('reload --canary refuses a share that is not from 0.1% to 50%', needsLinux, async (t) => {
  const { folder } = await startApp(t, 1)
  for (const share of ['0', '51%', 'some', '0.01%']) {
    const { status, stderr } = await folder.command('reload', '--canary', share)
    assert.equal(status, 2)
    assert.match(stderr, /Type a percentage from 0\.1% to 50%/)
  }
})

test(
  'a canary of a program that calls setReuse or shareServers gets its share',
  needsSteering,
  async (t) => {
    const core = JSON.stringify(import.meta.resolve('@reuse/core'))
    const port = await freePort()
    const programs = {
      setReuse: `const server = http.createServer()
setReuse(server)
server.listen(${port}, '127.0.0.1')`,
      shareServers: `shareServers()
http.createServer().listen(${port}, '127.0.0.1')`,
    }
    for (const [name, text] of Object.entries(programs)) {
      const folder = new AppFolder(t)
      folder.write(
        'server.mjs',
        `import http from 'node:http'\nimport { setReuse, shareServers } from ${core}\n${text}`,
      )
      const manager = folder.run('-n', 2, '--name', name, 'server.mjs')
      await folder.untilReady(name, 2)
      assert.equal((await folder.command('reload', '--canary', '20%')).status, 0)
      await folder.until(name, ({ workers }) =>
        workers.every(({ worker, share }) => {
          return Math.abs((share ?? 0) - (worker === 0 ? 0.2 : 0.4)) < 0.001
        }),
      )
      await manager.end('SIGTERM')
    }
  },
)
