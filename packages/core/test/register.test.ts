/** `node --import @reuse/core/register`: unchanged programs share their ports. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { countAnswers, type Fixture, needs, request, startFixture, startNode } from '@reuse/testkit'
import { setEnvironment } from '../src/api/set-reuse.js'
import { listListeners } from '../src/group.js'
import { peers, setReuse } from '../src/index.js'
import { until } from './listening.js'
import { fixtureSource, startPython } from './programs.js'
import { namesOf } from './waiting.js'

const register = new URL('../src/register.js', import.meta.url).href

function startUnchanged(t: TestContext, registered: boolean, ...args: string[]): Fixture {
  const execArgv = registered ? ['--import', register] : []
  return startNode(t, fixtureSource('unchanged.cjs'), { execArgv, args })
}

test(
  'three unchanged programs share a TCP and a UDP port',
  needs('balance', 'peers'),
  async (t) => {
    const first = startUnchanged(t, true, '0')
    const { port } = await first.hear<AddressInfo>('ready')
    const others = [startUnchanged(t, true, String(port)), startUnchanged(t, true, String(port))]
    for (const other of others) await other.hear('ready')

    const counts = await countAnswers({ port }, 300)

    const pids = [first, ...others].map(({ pid }) => String(pid))
    assert.deepEqual(new Set(counts.keys()), new Set(pids))
    assert.equal((await peers({ port, protocol: 'udp' })).length, 3)
  },
)

test('without the register module a second unchanged program is refused', async (t) => {
  const first = startUnchanged(t, false, '0')
  const { port } = await first.hear<AddressInfo>('ready')
  const second = startUnchanged(t, false, String(port))
  assert.equal((await second.exit()).code, 1)
  assert.match(second.output, /EADDRINUSE/)
})

test(
  'an unchanged cluster: the workers hold the port, not the primary',
  needs('peers'),
  async (t) => {
    const primary = startUnchanged(t, true, '0', 'cluster')
    const { port } = await primary.hear<AddressInfo>('ready')
    const holders = (await peers({ port })).map(({ pid }) => pid)
    assert.equal(holders.length, 2)
    assert.ok(!holders.includes(primary.pid))
  },
)

test('REUSE_WEIGHT takes effect, and wrong variables are refused', needs('steering'), async (t) => {
  const start = (port: number, env: NodeJS.ProcessEnv): Fixture => {
    const args = [String(port)]
    return startNode(t, fixtureSource('unchanged.cjs'), {
      execArgv: ['--import', register],
      args,
      env,
    })
  }
  const first = start(0, {})
  const { port } = await first.hear<AddressInfo>('ready')
  // It gets a connection only when all others have gone; and an empty variable counts as none.
  await start(port, { REUSE_WEIGHT: '0', REUSE_RESCUE: 'false', REUSE_ONLY: '' }).hear('ready')
  await until(async () => (await countAnswers({ port }, 50)).get(String(first.pid)) === 50)

  for (const [variable, value, message] of [
    ['REUSE_WEIGHT', 'heavy', /REUSE_WEIGHT: option "weight" must be 0, or .*, got "heavy"/],
    ['REUSE_WEIGHT', '-1', /REUSE_WEIGHT: .*, got -1/],
    ['REUSE_STEERING', 'fair', /REUSE_STEERING: .* is one of "hash", .*got "fair"/],
    ['REUSE_RESCUE', 'maybe', /REUSE_RESCUE: option "rescue" must be a boolean, got "maybe"/],
    ['REUSE_ONLY', 'me', /REUSE_ONLY: option "only" must be "same-program", got "me"/],
    ['REUSE_LEAVE_TIMEOUT', '5s', /REUSE_LEAVE_TIMEOUT: .*\(milliseconds\), got "5s"/],
  ] as const) {
    const refused = start(0, { [variable]: value })
    assert.equal((await refused.exit()).code, 1)
    assert.match(refused.output, message)
  }
})

test('an unchanged cluster hears "listening", and disconnect() ends the workers', async (t) => {
  for (const execArgv of [['--import', register], []]) {
    const primary = startNode(t, fixtureSource('disconnecting.cjs'), { execArgv })
    assert.equal(await primary.hear('disconnected'), 2)
    assert.equal((await primary.exit()).code, 0)
  }
})

test('REUSE_STEERING and REUSE_ONLY take effect', needs('steering', 'python'), async (t) => {
  const start = (port: number, env: NodeJS.ProcessEnv): Fixture =>
    startNode(t, fixtureSource('unchanged.cjs'), {
      execArgv: ['--import', register],
      args: [String(port)],
      env,
    })
  const first = start(0, { REUSE_STEERING: 'source-address' })
  const { port } = await first.hear<AddressInfo>('ready')
  const [listener] = await listListeners({ port, protocol: 'tcp' })
  assert.equal(listener?.standing?.policy, 'source-address')

  const python = startPython(t, 0, 'share')
  const { port: foreign } = await python.hear<{ port: number }>('ready')
  const refused = start(foreign, { REUSE_ONLY: 'same-program' })
  assert.equal((await refused.exit()).code, 1)
  assert.match(refused.output, /ERR_REUSE_FOREIGN_PROGRAM/)
})

test('the environment applies to options that the program omits', needs('steering'), (t) => {
  setEnvironment({ leaveTimeout: 10_000, weight: 2 })
  t.after(() => setEnvironment({}))
  assert.equal(setReuse(net.createServer()).leaveTimeout, 10_000)
  assert.equal(setReuse(net.createServer(), { leaveTimeout: 7 }).leaveTimeout, 7)
  assert.equal(setReuse(dgram.createSocket('udp4').unref()).leaveTimeout, 10_000)
  setEnvironment({})
  assert.equal(setReuse(net.createServer()).leaveTimeout, 5000)
})

test('one program cannot bind a port twice, as without register', needs('peers'), async (t) => {
  for (const registered of [true, false]) {
    const execArgv = registered ? ['--import', register] : []
    const program = startNode(t, fixtureSource('twice.cjs'), { execArgv, args: ['0'] })
    const { port } = await program.hear<AddressInfo>('ready')
    const { code, message } = await program.hear<{ code: string; message: string }>('second')
    assert.equal(code, 'EADDRINUSE')
    assert.equal(message.split('\n')[0], `listen EADDRINUSE: address already in use :::${port}`)
    assert.deepEqual(await program.hear('datagrams'), { code: 'EADDRINUSE' })
    if (registered) assert.match(message, /among servers of one program, call setReuse/)
  }
})

test('an AbortSignal closes a UDP socket, aborted before it is made or later', async (t) => {
  for (const execArgv of [['--import', register], []]) {
    const program = startNode(t, fixtureSource('aborted.cjs'), { execArgv })
    assert.deepEqual(await program.hear('closed'), ['early', 'late'])
    assert.equal((await program.exit()).code, 0)
  }
})

test('options with `reusePort: true` can be used for two servers', needs('holders'), async (t) => {
  const program = `
    const http = require('node:http')
    const options = { port: 0, host: '127.0.0.1', reusePort: true }
    for (const name of ['first', 'second']) {
      const server = http.createServer()
      server.listen(options, () => console.log(JSON.stringify({ [name]: server.address().port })))
    }`
  const command = [process.execPath, '--import', register, '--eval', program]
  const running = startFixture(t, command)
  for (const name of ['first', 'second']) {
    const port = await running.hear<number>(name)
    await until(() => namesOf(port).length === 1)
  }
})

test('the UDP socket of a client does not share its port', needs('peers'), async (t) => {
  const program = `
    const client = require('node:dgram').createSocket('udp4')
    client.bind(0, '127.0.0.1', () => console.log(JSON.stringify({ ready: client.address().port })))`
  const command = [process.execPath, '--import', register, '--eval', program]
  const port = await startFixture(t, command).hear<number>('ready')
  const socket = dgram.createSocket('udp4')
  setReuse(socket)
  t.after(() => socket.close())
  const failed = once(socket, 'error')
  socket.bind(port, '127.0.0.1')
  assert.equal((await failed)[0].code, 'EADDRINUSE')
})

test('a server that listens with `exclusive: true` is not shared', needs('peers'), async (t) => {
  const start = (port: number): Fixture => {
    const execArgv = ['--import', register]
    return startNode(t, fixtureSource('twice.cjs'), { execArgv, args: [String(port), 'exclusive'] })
  }
  const { port } = await start(0).hear<AddressInfo>('ready')
  assert.deepEqual(await start(port).hear('ready'), { code: 'EADDRINUSE' })
})

/** Starts a program that answers /slow after a while, and sends that request; `mode` is for SIGTERM. */
async function startSignalled(
  t: TestContext,
  { registered = true, mode = '', slow = 500, env = {} } = {},
) {
  const program = startNode(t, fixtureSource('signalled.cjs'), {
    execArgv: registered ? ['--import', register] : [],
    args: [String(slow), mode],
    env,
  })
  const { port } = await program.hear<AddressInfo>('ready')
  const answer = request({ port, path: '/slow' }).catch((error) => String(error.code))
  await program.hear('serving')
  return { program, port, answer }
}

// Windows has no signals: a program is ended at once.
const needsSignals =
  process.platform === 'win32' ? { skip: 'Windows has no signals' } : needs('peers')

test(
  'SIGTERM and SIGINT end a program after it has finished its requests',
  needsSignals,
  async (t) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      for (const registered of [true, false]) {
        // A request that is not finished must not be answered before the signal comes, however late that is.
        const slow = registered ? 500 : 3_600_000
        const { program, answer } = await startSignalled(t, { registered, slow })
        assert.deepEqual(await program.end(signal), { code: null, signal })
        assert.equal(await answer, registered ? 'slow' : 'ECONNRESET')
      }
    }
  },
)

test(
  'a signal waits at most the leave timeout, and a second one ends the program',
  needsSignals,
  async (t) => {
    const hour = { slow: 3_600_000 }
    const late = await startSignalled(t, { ...hour, env: { REUSE_LEAVE_TIMEOUT: '200' } })
    assert.deepEqual(await late.program.end(), { code: null, signal: 'SIGTERM' })

    const { program, port } = await startSignalled(t, {
      ...hour,
      env: { REUSE_LEAVE_TIMEOUT: '3600000' },
    })
    process.kill(program.pid, 'SIGINT')
    await until(async () => (await peers({ port })).length === 0)
    assert.deepEqual(await program.end('SIGTERM'), { code: null, signal: 'SIGTERM' })
  },
)

const asFirstProcess = ['unshare', '--pid', '--fork', '--mount-proc']
test('process 1 of a container exits as a shell says, since no signal ends it', async (t) => {
  const [program = '', ...args] = asFirstProcess
  // Node itself: where it is emulated, only this process' own children are.
  if (spawnSync(program, [...args, process.execPath, '--version']).status !== 0) {
    return t.skip(`this system refuses "${asFirstProcess.join(' ')}"`)
  }
  const node = [
    process.execPath,
    '--import',
    register,
    fileURLToPath(fixtureSource('signalled.cjs')),
    '0',
  ]
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const container = startFixture(t, [...asFirstProcess, ...node])
    await container.hear('ready')
    const { pid } = container
    const first = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    process.kill(first, signal)
    const code = 128 + os.constants.signals[signal]
    assert.deepEqual(await container.exit(), { code, signal: null })
  }
})

test('a program with its own signal handler decides when it ends', needsSignals, async (t) => {
  const own = await startSignalled(t, { mode: 'own' })
  assert.deepEqual(await own.program.end(), { code: 7, signal: null })
  // As signal-exit has it, which ends the program if nobody else has a handler.
  const hook = await startSignalled(t, { mode: 'hook' })
  assert.deepEqual(await hook.program.end(), { code: null, signal: 'SIGTERM' })
  assert.match(hook.program.output, /the hook has run/)
})
