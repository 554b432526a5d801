/** `reuse run` as a service: what a service manager hears, what it keeps, and what that is good for. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { constants } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Fixture, freePort, request, startFixture, until } from '@reuse/testkit'
import { AppFolder, serverText, untilPrinted } from './apps.js'
import { command, needsLinux, needsOtherUser, needsPython, otherUser } from './programs.js'
import { startTcpStorm } from './tcp-storm.js'

/** What a service has reported. */
interface Heard {
  state: string
  /** Of a descriptor that came with it. */
  inode: number | null
}

const { SIGHUP, SIGKILL, SIGTERM } = constants.signals

/** A service manager like systemd. */
class ServiceManager {
  readonly #program: Fixture
  readonly heard: Heard[] = []

  constructor(program: Fixture) {
    this.#program = program
  }

  /** Starts its service, and returns the pid. */
  async start(words: readonly (string | number)[]): Promise<number> {
    this.#program.tell('start', words.map(String))
    return this.#program.hear<number>('started')
  }

  async signal(signal: number): Promise<void> {
    this.#program.tell('signal', signal)
  }

  /** Waits until the service reports something that matches, and returns that. */
  async hear(pattern: RegExp): Promise<Heard> {
    return until(
      async () => {
        const index = this.heard.findIndex(({ state }) => pattern.test(state))
        if (index !== -1) return this.heard.splice(index, 1)[0]
        this.heard.push(await this.#program.hear<Heard>('heard'))
        return null
      },
      () => `it has not said ${pattern}: ${JSON.stringify(this.heard)}`,
    )
  }

  async ended(): Promise<void> {
    await this.#program.hear('ended')
  }
}

async function startManager(folder: AppFolder): Promise<ServiceManager> {
  const file = fileURLToPath(new URL('../../test/fixtures/notify_socket.py', import.meta.url))
  const program = folder.start('python3', '-u', file, path.join(folder.path, 'notify'))
  await program.hear('ready')
  return new ServiceManager(program)
}

const http = { send: 'GET / HTTP/1.0\r\n\r\n', expect: /^HTTP\/1\.1 200[\s\S]*\r\n\r\n\d+$/ }

/** An app of two workers, and the command that runs it. */
async function makeApp(t: TestContext) {
  const folder = new AppFolder(t)
  const port = await freePort()
  const script = folder.write('server.cjs', serverText(port))
  const run = [process.execPath, command, 'run', '-n', 2, '--name', 'app', '--', script]
  return { folder, port, script, run }
}

/** The same app under a service manager, when it is ready. */
async function startService(t: TestContext) {
  const app = await makeApp(t)
  const manager = await startManager(app.folder)
  await manager.start(app.run)
  await manager.hear(/^READY=1/)
  return { ...app, manager }
}

test('a service manager is notified of ready, reload and stop', needsPython, async (t) => {
  const { folder, run } = await makeApp(t)
  const manager = await startManager(folder)
  await manager.start(run)
  const stored = [await manager.hear(/^FDSTORE=1\n/), await manager.hear(/^FDSTORE=1\n/)]
  for (const { state, inode } of stored) assert.equal(state, `FDSTORE=1\nFDNAME=reuse-${inode}`)
  const { state } = await manager.hear(/^READY=1/)
  assert.equal(state, 'READY=1\nSTATUS=2 of 2 workers serve (version 1)')
  await manager.hear(/^WATCHDOG=1$/)

  const before = process.hrtime.bigint() / 1000n
  await manager.signal(SIGHUP)
  const reloading = await manager.hear(/^RELOADING=1/)
  const [, time = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading.state) ?? []
  assert.ok(BigInt(time) >= before && BigInt(time) <= process.hrtime.bigint() / 1000n)
  const again = await manager.hear(/^READY=1/)
  assert.equal(again.state, 'READY=1\nSTATUS=2 of 2 workers serve (version 2)')

  // Its workers do not mistake themselves for the service.
  const [worker] = await folder.untilReady('app', 2)
  const environment = fs.readFileSync(`/proc/${worker}/environ`, 'latin1')
  assert.doesNotMatch(environment, /NOTIFY_SOCKET|WATCHDOG_|LISTEN_/)

  await manager.signal(SIGTERM)
  await manager.hear(/^STOPPING=1$/)
  await manager.ended()
})

test(
  'a service restart loses nothing if listeners are kept; otherwise requests fail',
  needsPython,
  async (t) => {
    const { port, run, manager } = await startService(t)
    const storm = startTcpStorm({ port, ...http })
    for (let count = 0; count < 3; count++) {
      await manager.signal(SIGTERM)
      await manager.ended()
      await manager.start(run)
      await manager.hear(/^READY=1/)
    }
    const { answered, failed } = await storm.stop()
    assert.ok(answered > 20)
    assert.deepEqual(failed, {})

    const bare = await makeApp(t)
    const words = ['-n', 2, '--name', 'bare', bare.script] as const
    const first = bare.folder.run(...words)
    await bare.folder.untilReady('bare', 2)
    const other = startTcpStorm({ port: bare.port, ...http })
    await first.end('SIGTERM')
    bare.folder.run(...words)
    await bare.folder.untilReady('bare', 2)
    const { failed: lost } = await other.stop()
    assert.ok((lost.ECONNREFUSED ?? 0) > 0, JSON.stringify(lost))
  },
)

test(
  'requests that wait when a whole service is killed are served by the next start',
  needsPython,
  async (t) => {
    const { folder, port, run, manager } = await startService(t)
    const pids = await folder.untilReady('app', 2)
    // All at once, as systemd kills what is left of a service.
    await manager.signal(SIGKILL)
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    await manager.ended()
    const waiting = Array.from({ length: 20 }, () => request({ port }))
    await manager.start(run)
    for (const answer of await Promise.all(waiting)) assert.match(answer, /^\d+$/)
  },
)

test('--listen opens the port before a worker listens', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const late = serverText(port).replace('http\n', 'setTimeout(() => http\n')
  const script = folder.write('late.cjs', `${late.trimEnd()}\n, 1000)`)
  const manager = folder.run('--name', 'late', '--listen', `127.0.0.1:${port}`, script)
  const answer = await until(() =>
    request({ port }).catch(({ code }) => {
      // The manager itself has just been started.
      assert.equal(code, 'ECONNREFUSED')
      assert.ok(manager.running, manager.output)
    }),
  )
  const [worker] = await folder.untilReady('late', 1)
  assert.equal(answer, String(worker))
})

test('--listen fails and names the program that holds the port', needsLinux, async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  const script = folder.write('server.cjs', serverText(port))
  const holder = startFixture(t, [process.execPath, script])
  await until(() => {
    assert.ok(holder.running)
    return request({ port }).catch(() => null)
  })
  const manager = folder.run('--listen', `127.0.0.1:${port}`, script)
  const { code } = await manager.exit()
  assert.equal(code, 1)
  assert.match(manager.output, new RegExp(`EADDRINUSE.*127.0.0.1:${port}`))
  assert.match(manager.output, new RegExp(`pid ${holder.pid}`))
})

const inNamespace = ['unshare', '--pid', '--mount-proc', '--fork', '--kill-child']
const canNamespace = spawnSync('unshare', [...inNamespace.slice(1), 'true']).status === 0
const needsNamespace = canNamespace ? needsLinux : { skip: 'this user may make no PID namespace' }

test(
  'as PID 1 of a container, reuse run leaves no zombies and ends on SIGTERM',
  needsNamespace,
  async (t) => {
    const folder = new AppFolder(t)
    const port = await freePort()
    // Its child leaves a grandchild behind, which ends in a second.
    const script = folder.write(
      'server.cjs',
      serverText(
        port,
        `require('node:child_process').spawn('sh', ['-c', 'sleep 1 & exit 0'], { stdio: 'ignore' })`,
      ),
    )
    const words = [...inNamespace, process.execPath, command, 'run', '--name', 'app', script]
    const container = folder.start(...words)
    await untilPrinted(container, /worker 1 \(pid \d+\) is ready/)
    const isAsleep = ({ name, state }: Found): boolean => name === 'sleep' && state !== 'Z'
    await until(() => !processesBelow(container.pid).some(isAsleep))
    const processes = processesBelow(container.pid)
    if ('execve' in process) {
      assert.deepEqual(
        processes.filter(({ state }) => state === 'Z'),
        [],
      )
    } else {
      assert.match(container.output, /first process of its container.*docker run --init/)
    }
    // SIGTERM goes to the container's first process, which ends what it runs.
    const [first] = processes
    assert.ok(first)
    process.kill(first.pid, 'SIGTERM')
    assert.equal((await container.exit()).code, 0)
    assert.match(container.output, /app app has stopped/)
  },
)

interface Found {
  pid: number
  name: string
  state: string
}

/** The processes below another, from the top down. */
function processesBelow(ancestor: number): Found[] {
  const children = fs.readdirSync('/proc').flatMap((pid) => {
    try {
      const [, name = '', state = '', parent] =
        /^\d+ \((.*)\) (\S) (\d+)/.exec(fs.readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
      return Number(parent) === ancestor ? [{ pid: Number(pid), name, state }] : []
    } catch {
      return [] // It is not a process, or has ended.
    }
  })
  return children.flatMap((child) => [child, ...processesBelow(child.pid)])
}

test(
  'a passed socket that another user opened is refused, as nobody could share it',
  needsOtherUser,
  async (t) => {
    const folder = new AppFolder(t)
    folder.write('server.cjs', serverText(await freePort()))
    const socket = net.createServer().listen(0, '127.0.0.1')
    t.after(() => socket.close())
    await once(socket, 'listening')
    const { fd } = Reflect.get(socket, '_handle') as { fd: number }
    const become = `data:text/javascript,process.setuid(${otherUser})`
    const script = `export LISTEN_FDS=1 LISTEN_PID=$$; exec "${process.execPath}" --import "${become}" "${command}" run server.cjs`
    const options = { descriptors: [fd], cwd: folder.path, env: folder.env }
    fs.chmodSync(folder.path, 0o755)
    const program = startFixture(t, ['sh', '-c', script], options)
    assert.equal((await program.exit()).code, 1)
    assert.match(
      program.output,
      /was opened by user 0, and this is user 1234: only sockets of one user/,
    )
  },
)
