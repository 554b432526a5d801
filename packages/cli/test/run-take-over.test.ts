/** Starts that are refused, above all with --take-over: what runs goes on as it is, with a manager. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Fixture, freePort, startStorm } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { command, needsLinux, pause } from './programs.js'

/** Listens in this process, and returns the port. */
async function occupy(t: TestContext, address: string, port = 0): Promise<number> {
  const server = net.createServer().listen(port, address)
  t.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as net.AddressInfo).port
}

/** Writes a server of each name, and a config file with all of them. */
async function writeApps(folder: AppFolder, ...names: string[]): Promise<void> {
  const apps = names.map((name) => ({ name, script: `${name}.cjs` }))
  for (const name of names) folder.write(`${name}.cjs`, serverText(await freePort()))
  folder.write('reuse.config.json', JSON.stringify({ apps }))
}

async function assertRefused(program: Fixture, says: RegExp): Promise<void> {
  assert.deepEqual(await program.exit(), { code: 1, signal: null })
  assert.match(program.output, says)
}

const abandoned = /has no manager|have no manager/

test('a start that is refused opens no --listen port of a running app', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  const metrics = await occupy(t, '127.0.0.1')
  const place = `127.0.0.1:${port}`
  const manager = folder.run('--name', 'shop', '--listen', place, 'server.cjs')
  await folder.untilReady('shop', 1)
  const storm = await startStorm(t, { port, clients: 8 })
  const refused = [
    [/app shop is already running/, '--name', 'shop'],
    [/--metrics cannot be served/, '--name', 'other', '--metrics', metrics],
    [/EADDRINUSE/, '--name', 'other', '--listen', `127.0.0.1:${metrics}`],
  ] as const
  for (const [says, ...words] of [...refused, ...refused]) {
    await assertRefused(folder.run('--listen', place, ...words, 'server.cjs'), says)
  }
  const { answered, failed } = await storm.stop()
  assert.ok(answered > 100)
  assert.deepEqual(failed, {})
  assert.equal(manager.running, true)
})

test('--take-over ends no manager if one of them is suspended', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  await writeApps(folder, 'a', 'b')
  const first = folder.run('--config', 'reuse.config.json', 'a')
  const second = folder.run('--config', 'reuse.config.json', 'b')
  await Promise.all(['a', 'b'].map((name) => folder.untilReady(name, 1)))
  await pause(second)
  await assertRefused(folder.run('--take-over'), /app b cannot be taken over: .* is suspended/)
  assert.equal((await folder.status('a')).pid, first.pid)
  process.kill(second.pid, 'SIGCONT')
  assert.equal((await folder.status('b')).pid, second.pid)
})

test('--take-over ends no manager if one of them is a service', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  await writeApps(folder, 'a', 'b')
  const first = folder.run('--config', 'reuse.config.json', 'a')
  // Descriptor 3 is a listener, as with a socket unit of systemd.
  const service = `const { spawn } = require('node:child_process')
const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
  const script = 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
  const stdio = ['inherit', 'inherit', 'inherit', server._handle.fd]
  spawn('sh', ['-c', script, 'sh', ...process.argv.slice(2)], { stdio })
})`
  const run = [command, 'run', '--config', 'reuse.config.json', 'b']
  folder.start(process.execPath, folder.write('service.cjs', service), process.execPath, ...run)
  await Promise.all(['a', 'b'].map((name) => folder.untilReady(name, 1)))
  const { pid } = await folder.status('b')
  t.after(() => process.kill(pid, 'SIGKILL'))
  const refused = folder.run('--take-over')
  await assertRefused(refused, /app b cannot be taken over: .*systemctl restart/)
  assert.doesNotMatch(refused.output, abandoned)
  assert.equal((await folder.status('a')).pid, first.pid)
})

test('--take-over ends no manager if --metrics or --listen is in use', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  await writeApps(folder, 'a', 'b')
  const socket = path.join(folder.path, 'metrics.sock')
  const taken = await occupy(t, '127.0.0.1')
  const manager = folder.run('--config', 'reuse.config.json', 'a')
  folder.run('--config', 'reuse.config.json', '--metrics', socket, 'b')
  await Promise.all(['a', 'b'].map((name) => folder.untilReady(name, 1)))
  for (const [option, place] of [
    ['--metrics', taken],
    ['--metrics', socket],
    ['--listen', `127.0.0.1:${taken}`],
  ] as const) {
    const words = ['--take-over', '--config', 'reuse.config.json', option, place, 'a']
    const refused = folder.run(...words)
    await assertRefused(refused, /EADDRINUSE/)
    assert.doesNotMatch(refused.output, abandoned)
    assert.equal((await folder.status('a')).pid, manager.pid)
  }
  // The place of a manager that ends is free for the next one.
  const next = folder.run('--take-over', '--metrics', socket)
  await untilPrinted(next, /app b: .*[\s\S]*worker 1 .* has been taken over/)
  assert.equal((await folder.status('b')).pid, next.pid)
})

test('a start that fails says which apps have no manager any more', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  await writeApps(folder, 'a', 'b')
  const metrics = await freePort()
  const first = folder.run('--metrics', metrics)
  const pids = await Promise.all(['a', 'b'].map((name) => folder.untilReady(name, 1)))
  // When the first manager ends, its metrics leave 127.0.0.1, but this stays.
  await occupy(t, '127.0.0.2', metrics)
  await assertRefused(
    folder.run('--take-over', '--metrics', `0.0.0.0:${metrics}`),
    /--metrics cannot be served [\s\S]*\nNow apps a and b have no manager, but their workers keep running\. Run the same command again/,
  )
  assert.deepEqual(await first.exit(), { code: 0, signal: null })
  folder.run('--take-over', '--metrics', metrics)
  const after = await Promise.all(['a', 'b'].map((name) => folder.untilReady(name, 1)))
  assert.deepEqual(after, pids)
})

test('--take-over counts a manager that nobody has waited for as ended', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  folder.write('server.cjs', serverText(await freePort()))
  // Like `sleep` as the first process of a container, the parent waits for nobody.
  const run = [process.execPath, command, 'run', '--name', 'shop', 'server.cjs']
  folder.start('sh', '-c', '"$@" & exec sleep 1000', 'sh', ...run)
  const pids = await folder.untilReady('shop', 1)
  const { pid } = await folder.status('shop')
  const next = folder.run('--take-over', '--name', 'shop', 'server.cjs')
  await untilPrinted(next, /worker 1 .* has been taken over by this manager/)
  assert.deepEqual(await folder.untilReady('shop', 1), pids)
  assert.match(fs.readFileSync(`/proc/${pid}/stat`, 'latin1'), /\) Z /)
})
