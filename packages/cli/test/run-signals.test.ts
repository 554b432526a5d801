/** Signals, terminals and readers of `reuse run`. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { freePort, patience, request, until } from '@reuse/testkit'
import { AppFolder, isAlive, serverText, untilGone, untilPrinted } from './apps.js'
import { command, needsLinux, needsPython, pause, terminalDriver } from './programs.js'

/** Answers no request, but prints that it has one. */
const slow = (port: number): string =>
  `require('node:http').createServer(() => console.log('asked')).listen(${port}, '127.0.0.1')`

for (const signal of ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const) {
  test(
    `${signal} lets requests finish; repeated after a second, it kills the workers`,
    needsLinux,
    async (t) => {
      const folder = new AppFolder(t)
      const port = await freePort()
      folder.write('server.cjs', slow(port))
      const manager = folder.run('--leave-timeout', 1000, 'server.cjs')
      const [pid = 0] = await folder.untilReady('server', 1)
      const answer = request({ port }).catch((error: NodeJS.ErrnoException) => error.code)
      await untilPrinted(manager, /asked/)
      process.kill(manager.pid, signal)
      await untilPrinted(
        manager,
        new RegExp(`${signal}: the workers are leaving; a second signal kills them`),
      )
      process.kill(manager.pid, signal) // As npm does, which also gets it from the terminal.
      await setTimeout(1000)
      const { state, workers } = await folder.status('server')
      assert.deepEqual([state, workers[0]?.state, isAlive(pid)], ['stopping', 'leaving', true])
      const refused = await folder.command('reload')
      assert.match(refused.stderr, /app server is being stopped/)
      const stop = await folder.command('stop', 'server', '--timeout', 0.1)
      assert.deepEqual([stop.status, isAlive(pid)], [1, true])
      assert.match(stop.stderr, /app server has not stopped within 0\.1 s/)
      process.kill(manager.pid, signal)
      assert.deepEqual(await manager.exit(), { code: 1, signal: null })
      assert.equal(await answer, 'ECONNRESET')
      assert.equal(isAlive(pid), false)
    },
  )
}

test('SIGTERM during startup leaves no worker running', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  const manager = folder.run('-n', 12, '--name', 'app', '--metrics', await freePort(), 'server.cjs')
  const state = path.join(folder.path, 'reuse/app/state.1.json')
  const started = (): { pid: number }[] => {
    const text = fs.existsSync(state) ? fs.readFileSync(state, 'utf8') : '{}'
    return JSON.parse(text).workers ?? []
  }
  const deadline = AbortSignal.timeout(patience)
  while (started().length === 0) {
    assert.ok(!deadline.aborted, manager.output)
    await setImmediate()
  }
  const pids = started().map(({ pid }) => pid)
  await manager.end('SIGTERM')
  await untilGone(pids)
  assert.equal(fs.existsSync(state), false)
})

test('SIGHUP says that a canary prevents the reload', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  const manager = folder.run('--name', 'app', 'server.cjs')
  await folder.untilReady('app', 1)
  assert.equal((await folder.command('reload', '--canary', '10%')).status, 0)
  process.kill(manager.pid, 'SIGHUP')
  await untilPrinted(manager, /SIGHUP: reloading[\s\S]*app app has a canary/)
})

test('SIGUSR2 is passed only to workers that handle it', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  // The second worker has no handler, so the signal would end it.
  const handler = `if (!require('node:fs').existsSync('handled')) {
  require('node:fs').writeFileSync('handled', '')
  process.on('SIGUSR2', () => console.log('got SIGUSR2'))
}`
  folder.write('server.cjs', serverText(await freePort(), handler))
  const manager = folder.run('server.cjs')
  await folder.untilReady('server', 1)
  assert.equal((await folder.command('scale', 2)).status, 0)
  const before = await folder.untilReady('server', 2)
  process.kill(manager.pid, 'SIGUSR2')
  await untilPrinted(manager, /server 1 \| got SIGUSR2/)
  process.kill(manager.pid, 'SIGUSR2')
  await untilPrinted(manager, /(server 1 \| got SIGUSR2[\s\S]*){2}/)
  assert.deepEqual(await folder.untilReady('server', 2), before)
})

test('commands say that a manager is stopped by Ctrl-Z', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const manager = folder.run('server.cjs')
  const [pid = 0] = await folder.untilReady('server', 1)
  await pause(manager)
  const other = ['run', '--take-over', path.join(folder.path, 'server.cjs')]
  for (const words of [['status'], ['stop', 'server'], other]) {
    const { status, stderr } = await folder.command(...words)
    assert.equal(status, 1)
    assert.match(
      stderr,
      new RegExp(`is suspended, as by Ctrl-Z: 'kill -CONT ${manager.pid}' resumes it`),
    )
  }
  assert.equal(await request({ port }), String(pid))
  process.kill(manager.pid, 'SIGCONT')
  assert.equal((await folder.command('stop', 'server')).status, 0)
})

test('Ctrl-C in a terminal ends the app, and workers get no SIGINT', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  // A worker would print this if it got the terminal's signal.
  folder.write(
    'server.cjs',
    serverText(port, `process.on('SIGINT', () => console.log('worker got SIGINT'))`),
  )
  const program = folder.start(
    ...['python3', '-u', terminalDriver, process.execPath, command, 'run', '-n', '2', 'server.cjs'],
  )
  const pids = await folder.untilReady('server', 2)
  program.tell('type', '\x03')
  await untilPrinted(program, /SIGINT: the workers are leaving[\s\S]*app server has stopped/)
  await untilGone(pids)
  assert.ok(!program.output.includes('worker got SIGINT'))
})

test('closing the terminal ends the app and does not reload it', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const program = folder.start(
    ...['python3', '-u', terminalDriver, process.execPath, command, 'run', 'server.cjs'],
  )
  const pids = await folder.untilReady('server', 1)
  const { pid: manager } = await folder.status('server')
  await program.end('SIGKILL')
  await untilGone([manager, ...pids])
})

test('a terminal paused by Ctrl-S does not block workers or reloads', needsPython, async (t) => {
  const folder = new AppFolder(t)
  const much = `process.on('SIGWINCH', () => {
  for (let count = 0; count < 20_000; count++) console.log('x'.repeat(1000))
  console.log('end')
})`
  folder.write('server.cjs', serverText(await freePort(), much))
  const program = folder.start(
    ...['python3', '-u', terminalDriver, process.execPath, command, 'run', '-n', '2', 'server.cjs'],
  )
  const [first = 0, second = 0] = await folder.untilReady('server', 2)
  await untilPrinted(program, new RegExp(`pid ${second}\\) is ready`))
  program.tell('type', '\x13')
  // More than is kept, and more than any terminal takes.
  process.kill(second, 'SIGWINCH')
  await until(async () => / end$/m.test((await folder.command('logs')).stdout))
  process.kill(first, 'SIGKILL')
  await folder.until('server', ({ workers }) => workers[0]?.restarts === 1)
  const [, same] = await folder.untilReady('server', 2)
  assert.equal(same, second)
  assert.equal((await folder.command('reload')).status, 0)
  assert.doesNotMatch(program.output, /ended unexpectedly/)
  const { pid } = await folder.status('server')
  const { VmRSS } = memoryOf(pid)
  assert.ok(VmRSS < 250 * 2 ** 10, `${VmRSS} kB`)
  program.tell('type', '\x11')
  await untilPrinted(program, /lines were left out/)
  program.tell('type', '\x03')
  await untilPrinted(program, /app server has stopped/)
})

/** In kB. */
function memoryOf(pid: number): { VmRSS: number } {
  const [, kilobytes] =
    /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1')) ?? []
  return { VmRSS: Number(kilobytes) }
}

test('an app runs on if stdout and stderr of reuse run are closed', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port, `setInterval(() => console.log('more'), 5)`))
  const manager = spawn(process.execPath, [command, 'run', 'server.cjs'], {
    env: { ...process.env, ...folder.env },
    cwd: folder.path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.after(() => manager.kill('SIGKILL'))
  manager.stdout.destroy()
  manager.stderr.destroy()
  const [pid = 0] = await folder.untilReady('server', 1)
  const { stdout } = await folder.command('logs', '-n', 5)
  assert.match(stdout, /^server 1 \| more\n/)
  assert.equal((await folder.command('reload')).status, 0)
  assert.equal(isAlive(pid), false)
  assert.equal((await folder.command('stop', 'server')).status, 0)
})

for (const format of ['text', 'json']) {
  test(
    `a stalled reader of ${format} output blocks nothing, and learns that lines are left out`,
    needsLinux,
    async (t) => {
      const folder = new AppFolder(t)
      const port = await freePort()
      const much = `const line = 'x'.repeat(1000)
for (let count = 0; count < 20_000; count++) console.log(line)
console.log('end')
setInterval(() => console.log('more'), 50)`
      folder.write('server.cjs', serverText(port, much))
      const manager = spawn(process.execPath, [command, 'run', '--log', format, 'server.cjs'], {
        env: { ...process.env, ...folder.env },
        cwd: folder.path,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      t.after(() => manager.kill('SIGKILL'))
      manager.stderr.resume()
      const [pid = 0] = await folder.untilReady('server', 1)
      await until(async () =>
        /^server 1 \| end$/m.test((await folder.command('logs', '-n', 1000)).stdout),
      )
      assert.equal((await folder.command('reload')).status, 0)
      assert.equal(isAlive(pid), false)
      // What went into the pipe and what was kept, and at most all of the second worker's 20 MiB.
      let read = 0
      let missed = false
      const note = (chunk: Buffer): void => {
        read += chunk.length
        missed ||= /lines were left out/.test(String(chunk))
      }
      manager.stdout.on('data', note)
      if (format === 'text') manager.stderr.on('data', note)
      await until(() => missed && read > 2 ** 20)
      assert.ok(read < 30 * 2 ** 20, `${read}`)
      assert.equal((await folder.command('stop', 'server')).status, 0)
    },
  )
}
