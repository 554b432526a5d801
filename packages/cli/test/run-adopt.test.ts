/** The manager of `reuse run` is killed, and the next one takes its workers over. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Fixture, freePort, request, startStorm, until } from '@reuse/testkit'
import { AppFolder, isAlive, serverText, untilGone, untilPrinted } from './apps.js'
import { needsLinux, needsPython, type Result } from './programs.js'

/** Prints a lot on SIGUSR2, and creates a file when that is written. */
const loud = `process.on('SIGUSR2', () => {
  const line = 'x'.repeat(1000) + '\\n'
  for (let count = 0; count < 1000; count++) process.stdout.write(line)
  require('node:fs').writeFileSync(process.env.WRITTEN, '')
})`

async function killManager(manager: Fixture): Promise<void> {
  assert.deepEqual(await manager.end('SIGKILL'), { code: null, signal: 'SIGKILL' })
}

test(
  'workers serve and print without a manager, and the next manager adopts them',
  needsLinux,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    const written = path.join(folder.path, 'written')
    folder.write(
      'server.cjs',
      serverText(
        port,
        `console.log('hello')\n${loud.replace('process.env.WRITTEN', JSON.stringify(written))}`,
      ),
    )
    const manager = folder.run('-n', 2, 'server.cjs')
    const before = await folder.untilReady('server', 2)
    const storm = await startStorm(t, { port })
    await killManager(manager)
    assert.equal((await folder.command('status', 'server')).status, 1)

    // More than any pipe holds.
    process.kill(before[0] ?? 0, 'SIGUSR2')
    await until(async () => {
      await request({ port })
      return fs.existsSync(written)
    })
    assert.deepEqual(before.filter(isAlive), before)

    const next = folder.run('-n', 2, 'server.cjs')
    assert.deepEqual(await folder.untilReady('server', 2), before)
    await untilPrinted(
      next,
      new RegExp(`worker 2 \\(pid ${before[1]}\\) has been taken over by this manager`),
    )
    assert.deepEqual((await storm.stop()).failed, {})

    // From now on it follows what they print, notices when they end, and reloads and stops them.
    fs.rmSync(written)
    process.kill(before[0] ?? 0, 'SIGUSR2')
    await untilPrinted(next, /server 1 \| x{1000}\n/)
    process.kill(before[1] ?? 0, 'SIGKILL')
    await untilPrinted(next, /worker 2 .* ended unexpectedly/)
    const restarted = await folder.untilReady('server', 2)
    assert.deepEqual([restarted[0], restarted[1] === before[1]], [before[0], false])
    assert.equal((await folder.command('reload')).status, 0)
    assert.deepEqual(before.filter(isAlive), [])
    const after = await folder.untilReady('server', 2)
    assert.deepEqual(await next.end('SIGTERM'), { code: 0, signal: null })
    await untilGone(after)
  },
)

test('workers without a manager are reported, and can be stopped', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  const manager = folder.run('-n', 2, '--name', 'shop', 'server.cjs')
  const pids = await folder.untilReady('shop', 2)
  await killManager(manager)
  const { status, stderr } = await folder.command('status', 'shop')
  assert.equal(status, 1)
  const says = `the manager of app shop has ended, but 2 workers are still running: pid ${pids.join(' and ')}`
  assert.ok(stderr.includes(says), stderr)
  assert.deepEqual(pids.filter(isAlive), pids)
  assert.equal((await folder.command('stop', 'shop')).status, 0)
  await untilGone(pids)
  assert.match((await folder.command('stop', 'shop')).stderr, /no app of this name is running/)
})

test(
  'a new manager with other arguments replaces the workers without any loss',
  needsLinux,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    folder.write('server.cjs', serverText(port))
    const manager = folder.run('-n', 3, 'server.cjs', 'old')
    const before = await folder.untilReady('server', 3)
    const storm = await startStorm(t, { port })
    await killManager(manager)
    const next = folder.run('-n', 2, 'server.cjs', 'new')
    await untilPrinted(next, /reloaded: 2 workers replaced/)
    const after = await folder.untilReady('server', 2)
    const { answered, failed } = await storm.stop()
    assert.deepEqual(failed, {})
    assert.ok(answered > 100)
    await untilGone(before)
    assert.ok(after.every((pid) => !before.includes(pid)))
    assert.match(fs.readFileSync(`/proc/${after[0]}/cmdline`, 'latin1'), /\0new\0$/)
  },
)

test('adopted workers stay if the new version does not start', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write(
    'server.cjs',
    serverText(port, `if (process.argv[2] === 'new') throw new Error('not so')`),
  )
  const manager = folder.run('server.cjs', 'old')
  const before = await folder.untilReady('server', 1)
  await killManager(manager)
  const next = folder.run('server.cjs', 'new')
  await untilPrinted(
    next,
    /the reload has stopped, and all workers stay .*[\s\S]* {2}Error: not so/,
  )
  assert.deepEqual(await folder.untilReady('server', 1), before)
  assert.equal(await request({ port }), String(before[0]))

  // The next manager knows that the worker is of the old version.
  await killManager(next)
  const last = folder.run('server.cjs', 'new')
  await untilPrinted(last, /the reload has stopped, and all workers stay/)
  assert.deepEqual(await folder.untilReady('server', 1), before)
  await killManager(last)
  const back = folder.run('server.cjs', 'old')
  await untilPrinted(back, /worker 1 .* has been taken over by this manager/)
  assert.deepEqual(await folder.untilReady('server', 1), before)
  assert.equal((await folder.status('server')).workers[0]?.version, 1)
})

test('workers that ended without a manager are started by the next', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const [first = 0, second = 0] = await folder.untilReady('server', 2)
  await killManager(manager)
  process.kill(first, 'SIGKILL')
  await untilGone([first])
  folder.run('-n', 3, 'server.cjs')
  const after = await folder.untilReady('server', 3)
  assert.equal(after[1], second)
  assert.equal(new Set([...after, first]).size, 4)
})

test('after a kill in mid-reload, a new manager keeps the old workers', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  folder.write('server.cjs', 'setInterval(() => {}, 1000)')
  const reloading = folder.command('reload')
  const { workers } = await folder.until('server', (status) => status.workers.length === 3)
  await killManager(manager)
  assert.equal((await reloading).status, 1)
  const next = folder.run('-n', 2, 'server.cjs')
  assert.deepEqual(await folder.untilReady('server', 2), before)
  // The third worker is not needed.
  const [unready = 0] = workers.flatMap(({ pid }) => (before.includes(pid ?? 0) ? [] : (pid ?? 0)))
  await untilGone([unready])
  assert.deepEqual(await next.end('SIGTERM'), { code: 0, signal: null })
})

test('workers written in another language are adopted too', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const words = ['--name', 'py', '--', 'python3', '-u', '-m', 'http.server', String(port)]
  const manager = folder.run(...words)
  const before = await folder.untilReady('py', 1)
  await killManager(manager)
  const next = folder.run(...words)
  assert.deepEqual(await folder.untilReady('py', 1), before)
  await request({ port })
  await untilPrinted(next, /py 1 \| .*"GET \/ HTTP/)
  assert.deepEqual(await next.end('SIGTERM'), { code: 0, signal: null })
  await untilGone(before)
})

test('of several managers started at once, only one adopts the app', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const before = await folder.untilReady('server', 2)
  await killManager(manager)
  const all = Array.from({ length: 6 }, () => folder.run('-n', 2, 'server.cjs'))
  assert.deepEqual(await folder.untilReady('server', 2), before)
  const { pid } = await folder.status('server')
  const others = all.filter((one) => one.pid !== pid)
  assert.equal(others.length, 5)
  for (const other of others) {
    assert.deepEqual(await other.exit(), { code: 1, signal: null })
    assert.match(other.output, /is already running: process \d+ manages it/)
  }
  assert.deepEqual(await folder.untilReady('server', 2), before)
})

test('child processes of an adopted worker end with it', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const script = serverText(
    await freePort(),
    `const { pid } = require('node:child_process').spawn('sleep', ['1000'])
require('node:fs').writeFileSync('left', String(pid))`,
  )
  folder.write('server.cjs', script)
  const manager = folder.run('server.cjs')
  await folder.untilReady('server', 1)
  const left = Number(fs.readFileSync(path.join(folder.path, 'left'), 'utf8'))
  await killManager(manager)
  const next = folder.run('server.cjs')
  await folder.untilReady('server', 1)
  assert.equal(isAlive(left), true)
  await next.end('SIGTERM')
  await untilGone([left])
})

test('--take-over moves an app from a running manager to a new one', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const [port, metrics] = [await freePort(), await freePort()]
  folder.write('server.cjs', serverText(port))
  const options = ['--name', 'shop', '--metrics', metrics]
  const first = folder.run('-n', 2, ...options, 'server.cjs')
  const before = await folder.untilReady('shop', 2)
  const storm = await startStorm(t, { port })

  // Without the option it is refused.
  const refused = folder.run('-n', 3, ...options, 'server.cjs')
  assert.deepEqual(await refused.exit(), { code: 1, signal: null })
  assert.match(refused.output, /app shop is already running.*--take-over/)

  // The same workers, and one more.
  const second = folder.run('--take-over', '-n', 3, ...options, 'server.cjs')
  assert.deepEqual(await first.exit(), { code: 0, signal: null })
  assert.match(first.output, /app shop has been handed over to another manager/)
  const more = await folder.untilReady('shop', 3)
  assert.deepEqual(more.slice(0, 2), before)

  // With another argument, all are replaced. This manager takes over from one that took over itself.
  const third = folder.run('--take-over', '-n', 3, ...options, 'server.cjs', 'new')
  assert.deepEqual(await second.exit(), { code: 0, signal: null })
  await untilPrinted(third, /reloaded: 3 workers replaced/)
  const after = await folder.untilReady('shop', 3)
  assert.ok(after.every((pid) => !more.includes(pid)))
  const { answered, failed } = await storm.stop()
  assert.deepEqual(failed, {})
  assert.ok(answered > 100)
  process.kill(after[0] ?? 0, 'SIGKILL')
  await untilPrinted(third, /worker 1 .* ended unexpectedly/)
  const last = await folder.untilReady('shop', 3)
  assert.deepEqual(await third.end('SIGTERM'), { code: 0, signal: null })
  await untilGone(last)

  // If nobody manages the app, --take-over just starts it.
  folder.run('--take-over', ...options, 'server.cjs')
  await folder.untilReady('shop', 1)
})

test('--take-over can take one of several apps from a manager', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('one.cjs', serverText(await freePort()))
  folder.write('two.cjs', serverText(await freePort(), `process.send('ready')`))
  const two = { ...app('two', 'two.cjs', 1), waitReady: true }
  folder.write('reuse.config.json', JSON.stringify({ apps: [app('one', 'one.cjs', 1), two] }))
  const both = folder.run()
  const pids = [await folder.untilReady('one', 1), await folder.untilReady('two', 1)]
  folder.run('--take-over', '--config', 'reuse.config.json', 'two')
  await untilPrinted(both, /app two has been handed over to another manager/)
  assert.deepEqual(await folder.untilReady('two', 1), pids[1])
  assert.deepEqual(await folder.untilReady('one', 1), pids[0])
  assert.notEqual((await folder.status('one')).pid, (await folder.status('two')).pid)
  assert.deepEqual(await both.end('SIGTERM'), { code: 0, signal: null })
  assert.deepEqual(await folder.untilReady('two', 1), pids[1])
})

test('a manager that cannot start leaves running workers as they are', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const [port, other] = [await freePort(), await freePort()]
  folder.write('server.cjs', serverText(port))
  folder.write('other.cjs', serverText(other))
  const manager = folder.run('-n', 2, '--name', 'shop', 'server.cjs')
  const before = await folder.untilReady('shop', 2)
  await killManager(manager)

  const server = net.createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  await once(server, 'listening')
  const { port: taken } = server.address() as net.AddressInfo
  const noFolder = path.join(folder.path, 'none', 'metrics.sock')
  for (const [place, says] of [
    [taken, `cannot be served on 127.0.0.1:${taken}: .*EADDRINUSE.*'reuse explain`],
    [noFolder, `cannot be served on ${noFolder}: `],
  ] as const) {
    const next = folder.run('-n', 2, '--name', 'shop', '--metrics', place, 'server.cjs')
    assert.deepEqual(await next.exit(), { code: 1, signal: null })
    assert.match(next.output, new RegExp(says))
    assert.deepEqual(before.filter(isAlive), before)
  }

  // Of several apps, one that runs already keeps the others from being taken over.
  folder.run('--name', 'other', 'other.cjs')
  await folder.untilReady('other', 1)
  const both = { apps: [app('shop', 'server.cjs', 2), app('other', 'other.cjs', 1)] }
  folder.write('reuse.config.json', JSON.stringify(both))
  const all = folder.run()
  assert.deepEqual(await all.exit(), { code: 1, signal: null })
  assert.match(all.output, /app other is already running/)
  assert.deepEqual(before.filter(isAlive), before)

  folder.run('-n', 2, '--name', 'shop', 'server.cjs')
  assert.deepEqual(await folder.untilReady('shop', 2), before)
})

/** Answers requests for /slow only when there is a file `go`; creates a file `asked` when one has come. */
function slowText(port: number): string {
  return `const fs = require('node:fs')
require('node:http')
  .createServer((request, response) => {
    response.setHeader('connection', 'close')
    if (request.url !== '/slow') return response.end(String(process.pid))
    fs.writeFileSync('asked', '')
    const timer = setInterval(() => {
      if (!fs.existsSync('go')) return
      clearInterval(timer)
      response.end('slow')
    }, 20)
  })
  .listen(${port}, '127.0.0.1')
`
}

/** Starts an app with one worker, which has a request that it does not answer yet. */
async function startSlow(t: TestContext) {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', slowText(port))
  const run = (): Fixture => folder.run('--leave-timeout', 60, 'server.cjs')
  const manager = run()
  const [old = 0] = await folder.untilReady('server', 1)
  const answer = request({ port, path: '/slow' })
  answer.catch(() => {}) // It is awaited below.
  await until(() => fs.existsSync(path.join(folder.path, 'asked')))
  /** The worker that is leaving answers its request, and then ends. */
  const finish = async (): Promise<void> => {
    await setTimeout(500) // A second signal would have ended it by now.
    folder.write('go', '')
    assert.equal(await answer, 'slow')
    await untilGone([old])
  }
  return { folder, port, run, manager, old, finish }
}

test('after a kill in mid-reload, the old worker finishes its requests', needsLinux, async (t) => {
  const { folder, run, manager, old, finish } = await startSlow(t)
  const reloading = folder.command('reload')
  await folder.until('server', ({ workers: [first, ...more] }) => {
    return first?.version === 2 && first.state === 'ready' && more.length === 0
  })
  await killManager(manager)
  assert.equal((await reloading).status, 1)
  run()
  const [next] = await folder.untilReady('server', 1)
  assert.notEqual(next, old)
  await finish()
  assert.deepEqual(await folder.untilReady('server', 1), [next])
})

test(
  'after a kill while an app stops, no leaving worker counts as ready',
  needsLinux,
  async (t) => {
    const { folder, port, run, manager, old, finish } = await startSlow(t)
    const stopping = folder.command('stop', 'server')
    await folder.until('server', ({ workers }) => workers.every(({ state }) => state === 'leaving'))
    await killManager(manager)
    assert.equal((await stopping).status, 1)
    run()
    const [next] = await folder.untilReady('server', 1)
    assert.notEqual(next, old)
    assert.equal(await request({ port }), String(next))
    await finish()
  },
)

test('without a manager, reuse stop asks a worker only once', needsLinux, async (t) => {
  const { folder, run, manager, old, finish } = await startSlow(t)
  await killManager(manager)
  const stop = (): Promise<Result> => folder.command('stop', '--timeout', 1, 'server')
  for (const outcome of [await stop(), await stop()]) {
    assert.equal(outcome.status, 1)
    assert.match(outcome.stderr, new RegExp(`have not ended within 1 s: pid ${old}\\.`))
  }
  // Nor does the next manager.
  run()
  const [next] = await folder.untilReady('server', 1)
  assert.notEqual(next, old)
  await finish()
})

test('a worker that was leaving is killed in time by the next manager', needsLinux, async (t) => {
  const { folder, manager, old } = await startSlow(t)
  folder.command('stop', 'server')
  await folder.until('server', ({ workers }) => workers.every(({ state }) => state === 'leaving'))
  await killManager(manager)
  folder.run('--leave-timeout', 1, 'server.cjs')
  await folder.untilReady('server', 1)
  await untilGone([old])
})

test('workers that an older version has saved are adopted', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  const manager = folder.run('server.cjs')
  const before = await folder.untilReady('server', 1)
  await killManager(manager)
  const file = path.join(folder.path, 'reuse', 'server', 'state.1.json')
  const state = JSON.parse(fs.readFileSync(file, 'utf8'))
  for (const worker of state.workers) {
    assert.equal(worker.isLeaving, false)
    delete worker.isLeaving
  }
  fs.writeFileSync(file, JSON.stringify(state))
  folder.run('server.cjs')
  assert.deepEqual(await folder.untilReady('server', 1), before)
})

function app(name: string, script: string, instances: number): object {
  return { name, script, instances }
}
