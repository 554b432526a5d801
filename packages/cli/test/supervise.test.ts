/** `supervise()`: what it takes and refuses, its verbs and events. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type SuperviseOptions, type Supervisor, supervise, type WorkerInfo } from '@reuse/cli'
import { freePort, request, until } from '@reuse/testkit'
import { checkSuperviseOptions } from '../src/supervisor/options.js'
import { serverText } from './apps.js'
import { needsLinux, needsOtherUser, otherUser } from './programs.js'

/** What a test has started: it ends before the test's folder is removed. */
const started = new WeakMap<TestContext, Supervisor[]>()

/** A folder for programs and states, named by an environment variable of this process. */
function makeFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-api-'))
  process.env.XDG_RUNTIME_DIR = folder
  t.after(async () => {
    for (const supervisor of started.get(t) ?? []) {
      supervisor.kill()
      await supervisor.stop()
    }
    fs.rmSync(folder, { recursive: true, force: true })
  })
  return folder
}

async function start(t: TestContext, options: SuperviseOptions): Promise<Supervisor> {
  const supervisor = await supervise(options)
  started.set(t, [...(started.get(t) ?? []), supervisor])
  return supervisor
}

function writeServer(folder: string, text: string): string {
  const file = path.join(folder, 'server.cjs')
  fs.writeFileSync(file, text)
  return file
}

test('supervise() starts, reloads, scales, reports and stops an app', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const script = writeServer(folder, serverText(port, `console.log(process.env.GREETING)`))
  const app = await start(t, { name: 'api', script, instances: 2, env: { GREETING: 'hello' } })
  const heard: string[] = []
  const note =
    (event: string) =>
    ({ worker, version }: WorkerInfo): void => {
      heard.push(`${event} ${worker} v${version}`)
    }
  app.on('started', note('started')).on('ready', note('ready'))
  app.on('ended', note('ended')).on('crashed', note('crashed'))
  await app.ready()
  const { workers, pid, program, instances } = app.status()
  assert.deepEqual([pid, program, instances], [process.pid, `node ${script}`, 2])
  assert.deepEqual(
    workers.map(({ worker, state, listens }) => [worker, state, listens]),
    [1, 2].map((worker) => [worker, 'ready', [`127.0.0.1:${port}`]]),
  )
  while (app.lastLines(2).length < 2) await once(app, 'line')
  assert.deepEqual(
    app.lastLines(2).map(({ text }) => text),
    ['hello', 'hello'],
  )

  const replaced = await app.reload()
  assert.deepEqual(
    replaced.map(({ before }) => before),
    workers.map((one) => one.pid),
  )
  assert.equal(await app.scale(1), 1)
  await app.ready()
  assert.equal(await request({ port }), String(replaced[0]?.after))
  await app.stop()
  assert.deepEqual(
    heard.filter((event) => !event.startsWith('ready')),
    [
      ...['started 1 v1', 'started 2 v1'],
      ...['started 1 v2', 'ended 1 v1', 'started 2 v2', 'ended 2 v1'],
      ...['ended 2 v2', 'ended 1 v2'],
    ],
  )
  assert.equal(heard.filter((event) => event.startsWith('ready')).length, 4)
  await assert.rejects(app.reload(), { code: 'ERR_SUPERVISE_STOPPED' })
  await assert.rejects(app.ready(), { code: 'ERR_SUPERVISE_STOPPED' })
  await app.stop()
})

test('a crash is reported with its reason and its last lines', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const script = writeServer(folder, `console.error('no database'); process.exit(3)`)
  const app = await start(t, { name: 'api', script })
  const [crash] = await once(app, 'crashed')
  assert.deepEqual(crash.ending, { code: 3, signal: null })
  assert.deepEqual([crash.worker, crash.crashes, crash.delay], [1, 1, 100])
  assert.deepEqual([crash.reason, crash.lastLines], ['it ended with exit code 3', ['no database']])
  await assert.rejects(app.reload(), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'ERR_SUPERVISE_NOT_READY')
    assert.match(error.message, /it ended with exit code 3\. Its last lines:\n {2}no database$/)
    return true
  })
})

test('a worker that does not become ready in time is killed', needsLinux, async (t) => {
  const script = writeServer(makeFolder(t), 'setInterval(() => {}, 1000)')
  const app = await start(t, { name: 'api', script, waitReady: true, readyTimeout: 300 })
  const [crash] = await once(app, 'crashed')
  assert.deepEqual(crash.ending, { code: null, signal: 'SIGKILL' })
  assert.equal(crash.reason, 'it was not ready after 0.3 s, and was killed')
})

test(
  'a worker is started again after a reload that failed while none was alive',
  needsLinux,
  async (t) => {
    const folder = makeFolder(t)
    const port = await freePort()
    const script = writeServer(folder, 'process.exit(3)')
    const app = await start(t, { name: 'api', script })
    await once(app, 'crashed')
    await assert.rejects(app.reload(), { code: 'ERR_SUPERVISE_NOT_READY' })
    writeServer(folder, serverText(port))
    const answer = await until(() => request({ port }).catch(() => null))
    assert.equal(answer, String(app.status().workers[0]?.pid))
  },
)

test('an app’s name can be used again once the app has stopped', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const script = writeServer(folder, 'setInterval(() => {}, 1000)')
  const first = await start(t, { name: 'api', script })
  await assert.rejects(supervise({ name: 'api', script }), {
    code: 'ERR_SUPERVISE_RUNNING',
    message: new RegExp(`process ${process.pid} manages it`),
  })
  await first.stop()
  await start(t, { name: 'api', script })
})

test('supervise() refuses a cwd that does not exist', needsLinux, async (t) => {
  const script = writeServer(makeFolder(t), '')
  await assert.rejects(supervise({ name: 'api', script, cwd: '/gone/away' }), {
    name: 'TypeError',
    message: 'supervise: option "cwd" must be a folder, but /gone/away is not a folder',
  })
})

test('a reload says why a worker cannot be started', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const script = writeServer(folder, '')
  const cwd = path.join(folder, 'gone')
  fs.mkdirSync(cwd)
  const app = await start(t, { name: 'api', script, cwd })
  await once(app, 'crashed')
  fs.rmdirSync(cwd)
  await assert.rejects(app.reload(), /it could not be started: spawn .* ENOENT/)
})

test('an app goes on when its state folder is removed', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const script = writeServer(folder, serverText(port, `console.log('hello')`))
  const app = await start(t, { name: 'api', script })
  await app.ready()
  const [before] = app.status().workers
  fs.rmSync(path.join(folder, 'reuse'), { recursive: true })
  const warned = once(app, 'state-lost')
  process.kill(before?.pid ?? 0, 'SIGKILL')
  await once(app, 'crashed')
  await warned
  await app.ready()
  assert.equal(await request({ port }), String(app.status().workers[0]?.pid))
  while (app.lastLines(10).length < 2) await once(app, 'line')
})

test('a worker that cannot be started is tried again', needsLinux, async (t) => {
  const folder = makeFolder(t)
  const port = await freePort()
  const script = writeServer(folder, serverText(port))
  const app = await start(t, { name: 'api', script })
  await app.ready()
  fs.rmSync(path.join(folder, 'reuse'), { recursive: true })
  fs.writeFileSync(path.join(folder, 'reuse'), '')
  await assert.rejects(app.reload(), /it could not be started: .*reuse is not a folder/)
  assert.equal(app.status().workers[0]?.state, 'ready')
  process.kill(app.status().workers[0]?.pid ?? 0, 'SIGKILL')
  const [crash] = await once(app, 'crashed')
  assert.equal(crash.reason, 'it was ended by SIGKILL')
  const [again] = await once(app, 'crashed')
  assert.match(again.reason, /it could not be started/)
  fs.rmSync(path.join(folder, 'reuse'))
  await app.ready()
  assert.equal(await request({ port }), String(app.status().workers[0]?.pid))
})

test('a state folder open to or owned by other users is refused', needsOtherUser, async (t) => {
  const folder = makeFolder(t)
  const script = writeServer(folder, '')
  const root = path.join(folder, 'reuse')
  const refused = async (message: RegExp): Promise<void> => {
    await assert.rejects(supervise({ name: 'api', script }), {
      code: 'ERR_SUPERVISE_STATE',
      message,
    })
  }
  fs.mkdirSync(root)
  fs.chmodSync(root, 0o755)
  await refused(/is open to other users: run 'chmod 700/)
  fs.chmodSync(root, 0o700)
  fs.chownSync(root, otherUser, 0)
  await refused(new RegExp(`belongs to user ${otherUser}`))
  fs.rmdirSync(root)
  fs.mkdirSync(path.join(folder, 'elsewhere'), { mode: 0o700 })
  fs.symlinkSync('elsewhere', root)
  await refused(/is not a folder/)
  fs.rmSync(root)
  fs.mkdirSync(path.join(root, 'x'.repeat(64)), { recursive: true, mode: 0o700 })
  process.env.XDG_RUNTIME_DIR = path.join(root, 'x'.repeat(64))
  await refused(/is too long for a Unix socket/)
})

const script = new URL(import.meta.url).pathname
const wrong: [given: object, error: typeof TypeError | typeof RangeError, message: RegExp][] = [
  [{}, TypeError, /either "script" or "command"/],
  [{ name: 'x', script, command: 'node' }, TypeError, /either "script" or "command"/],
  [{ script }, TypeError, /option "name" must be 1 to 64 letters.*, got undefined/],
  [{ name: '', script }, RangeError, /option "name"/],
  [{ name: '../up', script }, RangeError, /option "name" .* got "\.\.\/up"/],
  [{ name: '.hidden', script }, RangeError, /option "name"/],
  [{ name: '3000', script }, RangeError, /not be a number/],
  [{ name: 'x'.repeat(65), script }, RangeError, /option "name"/],
  [
    { name: 'x', script: 'nowhere.js' },
    TypeError,
    /option "script" is "nowhere.js", but there is no file \/.*\/nowhere.js: check the name/,
  ],
  [
    { name: 'x', script: 'lib', cwd: '/usr' },
    TypeError,
    /option "script" is "lib", but \/usr\/lib is a folder: .*such as \/usr\/lib\/server.js/,
  ],
  [{ name: 'x', command: 'no-such-thing' }, TypeError, /there is no executable 'no-such-thing'/],
  [{ name: 'x', command: 'node', waitReady: true }, TypeError, /"waitReady" is for a "script"/],
  [{ name: 'x', command: 'node', nodeArgs: [] }, TypeError, /"nodeArgs" is for a "script"/],
  [
    { name: 'x', script, instance: 2 },
    TypeError,
    /unknown option "instance"; the options are name/,
  ],
  [{ name: 'x', script, instances: 0 }, RangeError, /"instances" must be an integer from 1 to 256/],
  [{ name: 'x', script, instances: '2' }, TypeError, /"instances" .* got '2'/],
  [{ name: 'x', script, args: ['a', 1] }, TypeError, /"args" must be an array of strings/],
  [{ name: 'x', script, args: ['a\0b'] }, TypeError, /without NUL/],
  [
    { name: 'x', script, env: { A: 1 } },
    TypeError,
    /"env" must be an object with strings, but "A"/,
  ],
  [{ name: 'x', script, env: { 'A=B': '' } }, TypeError, /"A=B"/],
  [{ name: 'x', script, cwd: '' }, TypeError, /"cwd" must be a string that is not empty/],
  [{ name: 'x', script, weight: 2000 }, RangeError, /"weight" must be 0, or a number from 0\.001/],
  [{ name: 'x', script, steering: 'fair' }, TypeError, /"steering" must be one of hash, random/],
  [{ name: 'x', script, readyTimeout: 0 }, RangeError, /"readyTimeout" must be an integer from 1/],
  [{ name: 'x', script, leaveTimeout: 1.5 }, RangeError, /"leaveTimeout"/],
  [{ name: 'x', script, holdTimeout: -1 }, RangeError, /"holdTimeout"/],
  [{ name: 'x', script, maxMemory: 5 }, RangeError, /"maxMemory"/],
  [{ name: 'x', script, waitReady: 'yes' }, TypeError, /"waitReady" must be a boolean/],
  [{ name: 'x', script, balance: 1 }, TypeError, /"balance" must be a boolean/],
  [{ name: 'x', command: 'node', balance: true }, TypeError, /"balance" is for a "script"/],
  ...['source-address', 'cpu'].map((steering): (typeof wrong)[number] => [
    { name: 'x', script, balance: true, steering },
    TypeError,
    new RegExp(`"balance" uses weights, but steering "${steering}" ignores`),
  ]),
  [{ name: 'x', script, balance: true, weight: 0 }, TypeError, /with weight 0 all .* standbys/],
]

for (const [given, error, message] of wrong) {
  test(`supervise() refuses ${JSON.stringify(given).slice(0, 80)}`, () => {
    assert.throws(
      () => checkSuperviseOptions(given as SuperviseOptions),
      (thrown) => thrown instanceof error && message.test(thrown.message),
    )
  })
}

test('options of supervise() that are not given have their defaults', () => {
  const app = checkSuperviseOptions({ name: 'x', script })
  assert.deepEqual(
    [app.instances, app.weight, app.readyTimeout, app.leaveTimeout, app.holdTimeout],
    [1, 1, 30_000, 10_000, 30_000],
  )
  assert.deepEqual(
    [app.maxMemory, app.steering, app.balance, app.waitReady, app.cwd],
    [null, null, false, false, process.cwd()],
  )
  assert.ok(checkSuperviseOptions({ name: 'x', script, instances: 'auto' }).instances >= 1)
  assert.match(checkSuperviseOptions({ name: 'x', command: 'sh' }).file, /^\/.*\/sh$/)
})
