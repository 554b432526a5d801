/** `reuse run`: unchanged programs on one port; more and fewer; crashes. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { freePort, request } from '@reuse/testkit'
import type { AppStatus } from '../src/control/messages.js'
import { takeClaim } from '../src/state/claim.js'
import {
  AppFolder,
  isAlive,
  moduleText,
  pidsOf,
  plainPython,
  serverText,
  untilAnswered,
  untilGone,
  untilPrinted,
} from './apps.js'
import { needsLinux, needsPython } from './programs.js'

const needsTypes =
  'typescript' in process.features && process.features.typescript
    ? needsLinux
    : { skip: 'this Node does not run TypeScript' }

const typedText = (port: number): string => `const typed: number = 1\n${moduleText(port)}`

for (const [name, text, needed] of [
  ['server.cjs', serverText, needsLinux],
  ['server.mjs', moduleText, needsLinux],
  ['server.mts', typedText, needsTypes],
] as const) {
  test(`three workers of an unchanged ${name} share a port`, needed, async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    folder.write(name, text(port))
    const manager = folder.run('-n', 3, name)
    const pids = await folder.untilReady('server', 3)
    assert.equal(new Set(pids).size, 3)
    assert.deepEqual([...(await untilAnswered(port, pids))].sort(), [...pids].sort())
    const { workers } = await folder.status('server')
    for (const { listens } of workers) assert.deepEqual(listens, [`127.0.0.1:${port}`])

    const { status, stdout } = await folder.command('stop', 'server')
    assert.deepEqual([status, stdout], [0, 'app server has stopped\n'])
    assert.deepEqual(await manager.exit(), { code: 0, signal: null })
    assert.deepEqual(pids.filter(isAlive), [])
    await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
  })
}

test('a program in another language runs, reloads and stops', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const manager = folder.run('-n', 2, '--name', 'py', '--', 'python3', plainPython, port)
  const before = await folder.untilReady('py', 2)
  assert.equal(await request({ port }), 'ok')
  assert.equal((await folder.command('reload', 'py')).status, 0)
  const after = await folder.untilReady('py', 2)
  assert.ok(after.every((pid) => !before.includes(pid)))
  assert.equal(await request({ port }), 'ok')
  assert.deepEqual(await manager.end('SIGTERM'), { code: 0, signal: null })
  await untilGone([...before, ...after])
  await assert.rejects(request({ port }), { code: 'ECONNREFUSED' })
})

test('--cwd and --node-args apply to the workers', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const shop = path.join(folder.path, 'shop')
  fs.mkdirSync(shop)
  fs.writeFileSync(path.join(shop, 'package.json'), '{ "name": "@acme/shop" }')
  const tell = `console.log(JSON.stringify([process.cwd(), process.execArgv]))`
  fs.writeFileSync(path.join(shop, 'server.cjs'), serverText(await freePort(), tell))
  const nodeArgs = ['--node-args', '--no-warnings  --stack-size=900', '--node-args', '--trace-exit']
  const manager = folder.run('--cwd', 'shop', ...nodeArgs, 'server.cjs')
  await folder.untilReady('shop', 1)
  const [, line = ''] = await untilPrinted(manager, /shop 1 \| (\[.*\])/)
  const [cwd, execArgv]: [string, string[]] = JSON.parse(line)
  assert.equal(cwd, fs.realpathSync(shop))
  assert.deepEqual(execArgv.slice(0, 3), ['--no-warnings', '--stack-size=900', '--trace-exit'])
})

test('an option after the script is passed to it, with a warning', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  const manager = folder.run('server.cjs', '-n', 2)
  await folder.untilReady('server', 1)
  await untilPrinted(
    manager,
    /-n stands after the program, which gets it: options of 'reuse run' go/,
  )
})

test('reuse scale adds and removes workers', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  folder.run('--name', 'site', 'server.cjs')
  const [first = 0] = await folder.untilReady('site', 1)

  const more = await folder.command('scale', 3)
  assert.deepEqual([more.status, more.stdout], [0, 'app site has 3 workers\n'])
  const three = await folder.untilReady('site', 3)
  assert.equal(three[0], first)
  await untilAnswered(port, three)

  assert.equal((await folder.command('scale', 1, 'site')).status, 0)
  assert.deepEqual(await folder.untilReady('site', 1), [first])
  assert.deepEqual(three.filter(isAlive), [first])

  folder.write('server.cjs', 'throw new Error("broken now")')
  const failed = await folder.command('scale', 2)
  assert.equal(failed.status, 1)
  assert.match(failed.stderr, /worker 2, .* did not become ready: it ended with exit code 1/)
  assert.match(failed.stderr, /broken now/)
  assert.deepEqual(await folder.untilReady('site', 1), [first])
})

test('reuse scale auto asks for no more workers than an app can have', needsLinux, async (t) => {
  const many = `import os from 'node:os'; os.availableParallelism = () => 300`
  const preload = `--import data:text/javascript,${encodeURIComponent(many)}`
  const folder = new AppFolder(t, { NODE_OPTIONS: preload })
  // A manager that only notes what it is asked, and starts nothing.
  const state = path.join(folder.path, 'reuse', 'site')
  fs.mkdirSync(state, { recursive: true, mode: 0o700 })
  const claim = await takeClaim(state)
  assert.ok(typeof claim === 'object')
  const asked: unknown[] = []
  const manager = net.createServer((socket) => {
    createInterface({ input: socket }).once('line', (line) => {
      asked.push(JSON.parse(line))
      socket.end('{"result":null}\n')
    })
  })
  t.after(() => manager.close())
  await once(manager.listen(path.join(state, 'control')), 'listening')
  const { status, stdout } = await folder.command('scale', 'auto')
  assert.deepEqual([status, stdout], [0, 'app site has 256 workers\n'])
  assert.deepEqual(asked[0], { verb: 'scale', instances: 256 })
  claim.release()
})

test('a worker that ends is started again', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('-n', 2, 'server.cjs')
  const [first = 0, second = 0] = await folder.untilReady('server', 2)
  process.kill(first, 'SIGKILL')
  const { workers } = await folder.until(
    'server',
    (status) => pidsOf(status)[0] !== first && status.workers.every((one) => one.state === 'ready'),
  )
  assert.deepEqual(
    workers.map(({ restarts, crashes }) => [restarts, crashes]),
    [
      [1, 1],
      [0, 0],
    ],
  )
  assert.equal(workers[1]?.pid, second)
  await untilPrinted(
    manager,
    new RegExp(`worker 1 \\(pid ${first}\\) .* ended by SIGKILL; .* 0.1 s`),
  )
  await untilAnswered(
    port,
    workers.map(({ pid }) => pid ?? 0),
  )
})

test('a crash loop is reported, and does not spin', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const starts = path.join(folder.path, 'starts')
  folder.write(
    'broken.cjs',
    `require('node:fs').appendFileSync(${JSON.stringify(starts)}, 'x'); process.exit(7)`,
  )
  const manager = folder.run('--name', 'loop', 'broken.cjs')
  await untilPrinted(manager, /worker 1 has ended 5 times in a row/)
  // The sixth start comes 1.6 s later at the earliest, and this takes less.
  assert.ok(fs.statSync(starts).size <= 6)
  for (const delay of [0.1, 0.2, 0.4, 0.8, 1.6]) {
    assert.ok(manager.output.includes(`exit code 7; the next one starts in ${delay} s`), `${delay}`)
  }
  const { workers } = await folder.status('loop')
  assert.ok((workers[0]?.crashes ?? 0) >= 5)
  assert.deepEqual(await manager.end('SIGTERM'), { code: 0, signal: null })
})

test('an app recovers from crashes once its program works again', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', 'process.exit()')
  const manager = folder.run('server.cjs')
  await untilPrinted(manager, /ended with exit code 0; the next one starts/)
  folder.write('server.cjs', serverText(port))
  const [pid = 0] = await folder.untilReady('server', 1)
  assert.equal(await request({ port }), String(pid))
})

test('reuse logs shows what workers print, stdout and stderr apart', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write(
    'server.cjs',
    serverText(port, `console.log('to stdout\\nand more'); console.error('to stderr')`),
  )
  const manager = folder.run('server.cjs')
  await untilPrinted(manager, /to stderr/)
  await untilPrinted(manager, /and more/)
  const { stdout, stderr } = await folder.command('logs')
  assert.deepEqual(
    [stdout, stderr],
    ['server 1 | to stdout\nserver 1 | and more\n', 'server 1 | to stderr\n'],
  )
  assert.equal((await folder.command('logs', '-n', 0)).stdout, '')
})

test('commands ask for a name if several apps run', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const nobody = await folder.command('status')
  assert.equal(nobody.status, 1)
  assert.match(nobody.stderr, /no app is running/)
  for (const name of ['one', 'two']) {
    folder.write(`${name}.cjs`, serverText(await freePort()))
    folder.run(`${name}.cjs`)
    await folder.untilReady(name, 1)
  }
  for (const verb of ['reload', 'scale 2']) {
    const { status, stderr } = await folder.command(...verb.split(' '))
    assert.equal(status, 2, verb)
    assert.match(stderr, /Type which app is meant: one and two are running/)
  }
  const { status, stderr } = await folder.command('reload', 'three')
  assert.equal(status, 1)
  assert.match(stderr, /app three is not running. Running apps: one and two/)
  assert.match((await folder.command('status', 'two')).stdout, /^two: node .*two\.cjs, version 1/)
  const both = await folder.command('status')
  assert.match(both.stdout, /^one: node .*one\.cjs[\s\S]*\n\ntwo: node .*two\.cjs/)
  const listed: AppStatus[] = JSON.parse((await folder.command('status', '--json')).stdout)
  assert.deepEqual(
    listed.map(({ name }) => name),
    ['one', 'two'],
  )
  assert.equal((await folder.command('logs')).status, 0)
})

test('a second manager of a running app is refused', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('server.cjs')
  const pids = await folder.untilReady('server', 1)
  const second = folder.run('server.cjs')
  assert.deepEqual(await second.exit(), { code: 1, signal: null })
  assert.match(second.output, new RegExp(`is already running: process ${manager.pid} manages it`))
  assert.deepEqual(await folder.untilReady('server', 1), pids)
})

test('with --wait-ready, a worker is ready when it says so', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const say = `process.on('SIGUSR2', () => process.send('ready'))`
  folder.write('server.cjs', serverText(port, say))
  const manager = folder.run('--wait-ready', 'server.cjs')
  const { workers } = await folder.until(
    'server',
    (status) => status.workers[0]?.listens.length === 1,
  )
  const pid = workers[0]?.pid ?? 0
  assert.equal(workers[0]?.state, 'starting')
  process.kill(pid, 'SIGUSR2')
  assert.deepEqual(await folder.untilReady('server', 1), [pid])
  await untilPrinted(manager, /worker 1 \(pid \d+\) is ready/)
})

test('a program that listens on nothing is ready after a while', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('queue.cjs', 'setInterval(() => {}, 1000)')
  folder.run('queue.cjs')
  const [pid = 0] = await folder.untilReady('queue', 1)
  assert.equal((await folder.command('stop', 'queue')).status, 0)
  assert.equal(isAlive(pid), false)
})

/** Programs that take 300 MB on SIGUSR2. */
const greedyPython = `
import signal, socket, sys
kept = []
signal.signal(signal.SIGUSR2, lambda *_: kept.append(b"x" * 300_000_000))
listener = socket.socket()
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
while True: listener.accept()[0].close()
`
const greedyNode = `process.on('SIGUSR2', () => { globalThis.kept = Buffer.alloc(3e8, 1) })`

for (const [what, words, text] of [
  ['a worker', ['greedy.cjs'], (port: number) => serverText(port, greedyNode)],
  ['a program in another language', ['--', 'python3', 'greedy.py'], () => greedyPython],
] as const) {
  test(`${what} that exceeds --max-memory is replaced`, needsPython, async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    folder.write(words.at(-1) ?? '', text(port))
    const manager = folder.run('--name', 'greedy', '--max-memory', 250, ...words, port)
    const [before = 0] = await folder.untilReady('greedy', 1)
    process.kill(before, 'SIGUSR2')
    const { workers } = await folder.until(
      'greedy',
      (status) => areAll(status.workers, 'ready') && pidsOf(status)[0] !== before,
    )
    assert.equal(workers[0]?.restarts, 0)
    assert.match(
      manager.output,
      /worker 1 \(pid \d+\) uses \d+ MiB, more than --max-memory: it is replaced/,
    )
    await untilGone([before])
  })
}

function areAll(workers: readonly { state: string }[], state: string): boolean {
  return workers.length > 0 && workers.every((one) => one.state === state)
}
