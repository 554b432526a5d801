/** What monitoring learns about an app that `reuse run` runs. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { countAnswers, freePort, until } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { command, needsLinux } from './programs.js'

interface Page {
  status: number | undefined
  type: string | undefined
  body: string
}

async function get(where: http.RequestOptions): Promise<Page> {
  const request = http.request({ host: '127.0.0.1', agent: false, ...where }).end()
  const [response] = (await once(request, 'response')) as [http.IncomingMessage]
  return {
    status: response.statusCode,
    type: response.headers['content-type'],
    body: await text(response),
  }
}

/** The value of a metric that has only one, from the text format. */
function metricOf(name: string, body: string): number {
  const line = body
    .split('\n')
    .find((one) => one.startsWith(`${name}{`) || one.startsWith(`${name} `))
  assert.ok(line, `${name} is not in\n${body}`)
  return Number(line.split(' ').at(-1))
}

test('--metrics serves the metrics and health of an app on a port', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const [port, metrics] = [await freePort(), await freePort()]
  const script = folder.write('server.cjs', serverText(port))
  folder.run('-n', 2, '--name', 'app', '--metrics', metrics, script)
  const pids = await folder.untilReady('app', 2)

  const { status, type, body } = await get({ port: metrics, path: '/metrics' })
  assert.equal(status, 200)
  assert.match(type ?? '', /^text\/plain; version=0\.0\.4/)
  assert.equal(metricOf('reuse_instances', body), 2)
  assert.equal(metricOf('reuse_version', body), 1)
  assert.match(body, /^reuse_workers\{app="app",state="ready"\} 2$/m)
  assert.match(body, /^reuse_worker_restarts_total\{app="app",worker="1"\} 0$/m)
  assert.match(
    body,
    new RegExp(`^reuse_worker_memory_bytes\\{app="app",worker="1",pid="${pids[0]}"\\} \\d`, 'm'),
  )
  assert.match(body, /^reuse_worker_cpu_seconds_total\{app="app",worker="2",pid="\d+"\} \d/m)
  assert.equal(metricOf('reuse_waiting_connections', body), 0)
  assert.deepEqual(await get({ port: metrics, path: '/health' }), {
    status: 200,
    type: 'text/plain; charset=utf-8',
    body: 'app: 2 of 2 workers serve\n',
  })
  assert.equal((await get({ port: metrics, path: '/' })).status, 404)
  assert.equal((await get({ port: metrics, path: '/metrics', method: 'POST' })).status, 405)

  // Each worker has accepted what it has answered, besides connections by which members find their places.
  const acceptedByAll = async (): Promise<number[]> => {
    const body = await until(async () => {
      const { body } = await get({ port: metrics, path: '/metrics' })
      // A worker that is busy for too long reports nothing.
      const told = body.match(/^reuse_worker_event_loop_delay_max_seconds\{.*\} \d/gm)
      return told?.length === 2 ? body : null
    })
    return pids.map((pid, index) => {
      const labels = `{app="app",worker="${index + 1}",pid="${pid}"}`
      return metricOf(`reuse_worker_connections_accepted_total${labels}`, body)
    })
  }
  const before = await acceptedByAll()
  const answers = await countAnswers({ port }, 30)
  const after = await acceptedByAll()
  assert.deepEqual(
    after.map((count, index) => count - (before[index] ?? 0)),
    pids.map((pid) => answers.get(String(pid)) ?? 0),
  )

  const [first] = pids
  assert.ok(first)
  process.kill(first, 'SIGKILL')
  await until(async () => {
    const { body } = await get({ port: metrics, path: '/metrics' })
    return /^reuse_worker_restarts_total\{app="app",worker="1"\} 1$/m.test(body)
  })
})

test('--metrics serves on a Unix socket; without workers health is 503', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const socketPath = path.join(folder.path, 'metrics.sock')
  const script = folder.write('crash.cjs', 'process.exit(3)')
  const manager = folder.run('--name', 'app', '--metrics', socketPath, script)
  const { status, body } = await until(() => {
    assert.ok(manager.running, manager.output)
    return get({ socketPath, path: '/health' }).catch(() => null)
  })
  assert.deepEqual([status, body], [503, 'app: 0 of 1 workers serve\n'])
  // A killed manager leaves its socket behind, and the next one can start all the same.
  await manager.end('SIGKILL')
  const next = folder.run('--name', 'app', '--metrics', socketPath, script)
  await until(() => {
    assert.ok(next.running, next.output)
    return get({ socketPath, path: '/health' }).catch(() => null)
  })
  await next.end('SIGTERM')
  assert.equal(fs.existsSync(socketPath), false)
})

test('an app that is being stopped is not healthy', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const [port, metrics] = [await freePort(), await freePort()]
  // The worker has a request that it never answers, and does not end before its time is up.
  folder.write(
    'server.cjs',
    `require('node:http').createServer(() => console.log('asked')).listen(${port}, '127.0.0.1')`,
  )
  const manager = folder.run('--leave-timeout', 1000, '--metrics', metrics, 'server.cjs')
  await folder.untilReady('server', 1)
  get({ port, path: '/' }).catch(() => {}) // The request ends with the worker.
  await untilPrinted(manager, /asked/)
  assert.equal((await get({ port: metrics, path: '/health' })).status, 200)
  process.kill(manager.pid, 'SIGTERM')
  const { body } = await until(async () => {
    const page = await get({ port: metrics, path: '/health' })
    return page.status === 503 ? page : null
  })
  assert.equal(body, 'server: 0 of 1 workers serve\n')
})

test('--metrics does not take over the Unix socket of another app', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const socketPath = path.join(folder.path, 'metrics.sock')
  const script = folder.write('server.cjs', serverText(await freePort()))
  folder.run('--name', 'one', '--metrics', socketPath, script)
  await folder.untilReady('one', 1)
  const other = folder.run('--name', 'other', '--metrics', socketPath, script)
  assert.deepEqual(await other.exit(), { code: 1, signal: null })
  assert.match(other.output, /EADDRINUSE.*metrics\.sock/)
  assert.match((await get({ socketPath, path: '/health' })).body, /^one: 1 of 1/)
})

test('reuse run fails and keeps a regular file given as --metrics', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const script = folder.write('server.cjs', serverText(port))
  const file = folder.write('precious', 'text')
  const manager = folder.run('--name', 'app', '--metrics', file, script)
  assert.deepEqual(await manager.exit(), { code: 1, signal: null })
  assert.match(manager.output, /EADDRINUSE.*precious/)
  assert.equal(fs.readFileSync(file, 'utf8'), 'text')
})

test('an app that has been handed over is not in the metrics any more', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const metrics = await freePort()
  const apps = ['one', 'two'].map((name) => ({ name, script: `${name}.cjs` }))
  for (const { script } of apps) folder.write(script, serverText(await freePort()))
  folder.write('reuse.config.json', JSON.stringify({ apps }))
  const manager = folder.run('--metrics', metrics)
  await Promise.all([folder.untilReady('one', 1), folder.untilReady('two', 1)])
  const linesOf = async (app: string): Promise<string[]> => {
    const { body } = await get({ port: metrics, path: '/metrics' })
    return body.split('\n').filter((line) => line.includes(`app="${app}"`))
  }
  assert.notDeepEqual(await linesOf('two'), [])
  folder.run('--take-over', '--config', 'reuse.config.json', 'two')
  await untilPrinted(manager, /app two has been handed over/)
  assert.deepEqual(await linesOf('two'), [])
  assert.notDeepEqual(await linesOf('one'), [])
})

test('clients that send nothing keep health from nobody for long', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const metrics = await freePort()
  folder.write('server.cjs', serverText(await freePort()))
  folder.run('--metrics', metrics, 'server.cjs')
  await folder.untilReady('server', 1)
  const silent = Array.from({ length: 64 }, () => net.connect(metrics, '127.0.0.1'))
  t.after(() => silent.map((socket) => socket.destroy()))
  for (const socket of silent) socket.on('error', () => {})
  await Promise.all(silent.map((socket) => once(socket, 'connect')))
  const health = (): Promise<Page | null> =>
    get({ port: metrics, path: '/health' }).catch(() => null)
  const began = performance.now()
  assert.equal(await health(), null)
  assert.equal((await until(health)).status, 200)
  // They may take 5 seconds.
  assert.ok(performance.now() - began < 15_000)
})

test('a failure to accept a client does not end the manager', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const socketPath = path.join(folder.path, 'metrics.sock')
  folder.write('server.cjs', serverText(await freePort()))
  // Node reports what accept(2) has failed with, such as ENOMEM, as an 'error' of the server.
  const failing = `import http from 'node:http'
const create = http.createServer
http.createServer = (...given) => {
  const server = create(...given)
  return server.once('request', () => server.emit('error', new Error('accept ENOMEM')))
}`
  const preload = `data:text/javascript,${encodeURIComponent(failing)}`
  const words = ['run', '--metrics', socketPath, 'server.cjs']
  const manager = folder.start(process.execPath, '--import', preload, command, ...words)
  await folder.untilReady('server', 1)
  for (let count = 0; count < 2; count++) {
    assert.equal((await get({ socketPath, path: '/health' })).status, 200)
  }
  assert.equal(manager.running, true)
})
