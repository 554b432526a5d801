/** only: 'same-program' keeps others out, and warns of those that it cannot keep out. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Fixture, freePort, needs, startFixture, startNode } from '@reuse/testkit'
import { type Explanation, explain, peers, ReuseError, setReuse } from '../src/index.js'
import { native } from '../src/socket/native.js'
import type { DatagramMemberArguments } from './fixtures/datagram-member.js'
import type { MemberArguments } from './fixtures/member.js'
import { bound, failure, listening, sharedServer, until } from './listening.js'
import { fixtureFile, startMember, startPython } from './programs.js'

const needsPeers = needs('peers')

const only = { only: 'same-program' } as const

/** The usual uid of nobody; root can become it. */
const nobody = 65534
const isRoot = process.getuid?.() === 0

const memberFile = fileURLToPath(fixtureFile('member.js'))

interface Failed {
  code: string
  message: string
  hint?: string
}

/** Starts member.ts, or what does the same, with its own command line. */
function startAs(
  t: TestContext,
  command: string[],
  member: MemberArguments,
  cwd = process.cwd(),
): Fixture {
  const argument = JSON.stringify({ host: '127.0.0.1', ...member })
  return startFixture(t, [...command, argument], { cwd })
}

function startDatagramMember(t: TestContext, member: DatagramMemberArguments): Fixture {
  return startNode(t, fixtureFile('datagram-member.js'), { args: [JSON.stringify(member)] })
}

function temporaryFolder(t: TestContext): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'reuse-'))
  t.after(() => fs.rmSync(folder, { recursive: true }))
  return folder
}

/** The foreign sockets that a program was warned of. */
function warnings({ output }: Fixture): string[] {
  const found = output.matchAll(/\[REUSE_FOREIGN_MEMBER\] ReuseWarning: (.*)/g)
  return [...found].map(([, text = '']) => text)
}

test(
  'processes of one script share, however their command lines name it',
  needsPeers,
  async (t) => {
    const first = startMember(t, { port: 0, reuse: only })
    const { port } = await first.hear<AddressInfo>('ready')
    const folder = temporaryFolder(t)
    const link = path.join(folder, 'linked.js')
    fs.symlinkSync(memberFile, link)
    const empty = path.join(folder, 'empty.cjs')
    fs.writeFileSync(empty, '')

    const node = process.execPath
    const joiner = { port, reuse: only }
    const others = [
      startMember(t, joiner),
      startAs(t, [node, link], joiner),
      startAs(t, [node, './member.js'], joiner, path.dirname(memberFile)),
      startAs(t, [node, memberFile.replace(/\.js$/, '')], joiner),
      startAs(t, [node, '--require', empty, '--no-warnings', memberFile], joiner),
      // As PM2 names its programs.
      startAs(t, [node, `--title=node ${memberFile}`, memberFile], joiner),
    ]
    for (const other of others) await other.hear('ready')
    assert.equal((await peers({ port })).length, 1 + others.length)
  },
)

test('processes started with `node .` in one folder share', needsPeers, async (t) => {
  const folder = temporaryFolder(t)
  fs.symlinkSync(memberFile, path.join(folder, 'main.js'))
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "main": "main.js" }')
  const command = [process.execPath, '.']
  const first = startAs(t, command, { port: 0, reuse: only }, folder)
  const { port } = await first.hear<AddressInfo>('ready')
  await startAs(t, command, { port, reuse: only }, folder).hear('ready')
})

test(
  'same-program: listen fails beside another program, names it, and binds nothing',
  needsPeers,
  async (t) => {
    const python = startPython(t, 0, 'share')
    const { port } = await python.hear<{ port: number }>('ready')
    const { server, member } = sharedServer(t, only)
    const listen = t.mock.method(native, 'listen')
    server.listen(port, '127.0.0.1')
    const error = await failure(server)
    assert.equal(listen.mock.callCount(), 0) // Not for a moment.
    assert.ok(error instanceof ReuseError)
    assert.equal(error.code, 'ERR_REUSE_FOREIGN_PROGRAM')
    const who = `stranger.py (pid ${python.pid}, uid ${process.getuid?.()}) holds 127.0.0.1:${port}`
    assert.ok(error.message.includes(who), error.message)
    assert.ok(error.message.includes(`is not this program, node `), error.message)

    assert.equal(server.listening, false)
    assert.equal(member.address(), null)
    assert.deepEqual(
      (await peers({ port })).map(({ pid }) => pid),
      [python.pid],
    )
    const explanation = await explain(error)
    assert.equal(explanation.reason, 'foreign-program')
    assert.ok(explanation.summary.includes(who))
    assert.equal(explanation.advice, error.hint)
    assert.deepEqual(explanation.holders, await peers({ port }))

    server.listen(0, '127.0.0.1')
    await listening(server)
  },
)

test(
  'same-program: a listener beside a program missed at first is closed at once',
  needsPeers,
  async (t) => {
    const python = startPython(t, 0, 'share')
    const { port } = await python.hear<{ port: number }>('ready')
    const { server } = sharedServer(t, only)
    const list = t.mock.method(native, 'list')
    list.mock.mockImplementationOnce(() => [])
    const listen = t.mock.method(native, 'listen')
    server.listen(port, '127.0.0.1')
    assert.equal((await failure(server)).code, 'ERR_REUSE_FOREIGN_PROGRAM')
    assert.equal(listen.mock.callCount(), 1)
    assert.equal((await peers({ port })).length, 1)
  },
)

test(
  'another script of the same Node is another program, and so is another Node',
  needsPeers,
  async (t) => {
    const first = startMember(t, { port: 0 })
    const { port } = await first.hear<AddressInfo>('ready')
    const copy = path.join(temporaryFolder(t), 'node')
    fs.copyFileSync(process.execPath, copy)
    for (const command of [
      [process.execPath, fileURLToPath(fixtureFile('other-member.js'))],
      [copy, memberFile],
      [process.execPath, '--title=any', memberFile], // Nobody can see which script it runs.
    ]) {
      const other = startAs(t, command, { port, reuse: only })
      const { code, message, hint } = await other.hear<Failed>('failed')
      assert.equal(code, 'ERR_REUSE_FOREIGN_PROGRAM')
      assert.ok(message.includes(`(pid ${first.pid}, `), message)
      assert.equal(
        /process\.title or process\.chdir changes it/.test(hint ?? ''),
        command.includes('--title=any'),
      )
    }
  },
)

test('same-program: listen fails if another program’s address overlaps', needsPeers, async (t) => {
  const python = startPython(t, 0, 'share')
  const { port } = await python.hear<{ port: number }>('ready')
  for (const host of ['0.0.0.0', '::']) {
    const { server } = sharedServer(t, only)
    server.listen(port, host)
    assert.equal((await failure(server)).code, 'ERR_REUSE_FOREIGN_PROGRAM')
  }
  const { server } = sharedServer(t, only)
  server.listen(port, '127.0.0.2')
  await listening(server)
})

test('several servers of one process are one program', needsPeers, async (t) => {
  const first = sharedServer(t, only)
  first.server.listen(0, '127.0.0.1')
  const port = await listening(first.server)
  const second = sharedServer(t, only)
  second.server.listen(port, '127.0.0.1')
  await listening(second.server)
  assert.equal((await second.member.peers()).length, 2)
})

test('same-program refuses a listening server, and leaves it as it was', needsPeers, async (t) => {
  const python = startPython(t, 0, 'share')
  const { port } = await python.hear<{ port: number }>('ready')
  const socket = native.open('tcp', 4)
  native.setOption(socket, 'SO_REUSEPORT', 1)
  native.bind(socket, '127.0.0.1', port)
  const server = net.createServer().listen({ fd: socket })
  t.after(() => server.close())
  await listening(server)
  assert.throws(() => setReuse(server, only), { code: 'ERR_REUSE_FOREIGN_PROGRAM' })
  assert.equal(server.listening, true)
})

test('refusals by same-program keep no descriptor open', needsPeers, async (t) => {
  const python = startPython(t, 0, 'share')
  const { port } = await python.hear<{ port: number }>('ready')
  const openDescriptors = (): number => fs.readdirSync('/proc/self/fd').length
  const before = openDescriptors()
  for (let i = 0; i < 200; i++) {
    const server = net.createServer()
    setReuse(server, only)
    server.listen(port, i % 2 ? '127.0.0.1' : '0.0.0.0')
    assert.equal((await failure(server)).code, 'ERR_REUSE_FOREIGN_PROGRAM')
  }
  assert.equal(openDescriptors(), before)
})

test('a foreign program that joins later causes one warning naming it', needsPeers, async (t) => {
  const first = startMember(t, { port: 0, reuse: only })
  const { port } = await first.hear<AddressInfo>('ready')
  const friend = startMember(t, { port, reuse: only })
  await friend.hear('ready')
  const python = startPython(t, port, 'share')
  await python.hear('ready')
  await until(() => [first, friend].every((member) => warnings(member).length === 1))

  // A second one causes a second warning, and before that the first has been checked again.
  const other = startAs(t, [process.execPath, fileURLToPath(fixtureFile('other-member.js'))], {
    port,
    host: '0.0.0.0',
  })
  await other.hear('ready')
  await until(() => warnings(first).length >= 2)
  const [earlier = '', later = '', ...more] = warnings(first)
  assert.ok(earlier.includes(`stranger.py (pid ${python.pid}, `), earlier)
  assert.ok(earlier.includes(`also holds 127.0.0.1:${port}`), earlier)
  assert.ok(later.includes(`other-member.js (pid ${other.pid}, `), later)
  assert.deepEqual(more, [])
})

test('watching for foreign programs keeps no process alive', needsPeers, async (t) => {
  const program = startNode(t, fixtureFile('unrefed-member.js'))
  await program.hear('ready')
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
})

test('watching for foreign programs stops and starts with the server', needsPeers, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const list = t.mock.method(native, 'list')
  const questions = async (): Promise<number> => {
    const before = list.mock.callCount()
    for (let second = 0; second < 5; second++) {
      t.mock.timers.tick(1000)
      await setImmediate()
    }
    return list.mock.callCount() - before
  }
  const { server } = sharedServer(t, only)
  server.listen(0, '127.0.0.1')
  await listening(server)
  assert.ok((await questions()) >= 5)
  server.close()
  await once(server, 'close')
  assert.equal(await questions(), 0)
  server.listen(0, '127.0.0.1')
  await listening(server)
  assert.ok((await questions()) >= 5)
})

test('UDP: a bind with same-program fails beside another program', needsPeers, async (t) => {
  const first = startDatagramMember(t, { port: 0, reuse: only })
  const { port } = await first.hear<AddressInfo>('ready')
  await startDatagramMember(t, { port, reuse: only }).hear('ready')

  const socket = dgram.createSocket('udp4')
  t.after(() => socket.close())
  setReuse(socket, only)
  socket.bind(port, '127.0.0.1')
  const error = await failure(socket)
  assert.ok(error instanceof ReuseError)
  assert.equal(error.code, 'ERR_REUSE_FOREIGN_PROGRAM')
  assert.equal((await explain(error)).reason, 'foreign-program')
  assert.equal((await peers({ port, protocol: 'udp' })).length, 2)

  const elsewhere = dgram.createSocket('udp4')
  t.after(() => elsewhere.close())
  setReuse(elsewhere, only)
  elsewhere.bind(0, '127.0.0.1')
  await bound(elsewhere)
})

test('UDP: a foreign program that joins later causes a warning', needsPeers, async (t) => {
  const first = startDatagramMember(t, { port: 0, reuse: only })
  const { port } = await first.hear<AddressInfo>('ready')
  const socket = dgram.createSocket('udp4')
  t.after(() => socket.close())
  setReuse(socket)
  socket.bind(port, '127.0.0.1')
  await bound(socket)
  await until(() => warnings(first).length > 0)
  assert.match(warnings(first)[0] ?? '', new RegExp(`pid ${process.pid}, `))
})

test('the same program of another user counts as foreign', needsPeers, async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  // UDP with reuseAddr, where Linux lets other users in.
  const first = startDatagramMember(t, { port: 0, reuseAddr: true })
  const { port } = await first.hear<AddressInfo>('ready')
  const arguments_ = { port, reuseAddr: true, reuse: only }
  const refused = startDatagramMember(t, { ...arguments_, uid: nobody })
  const { code, message } = await refused.hear<Failed>('failed')
  assert.equal(code, 'ERR_REUSE_FOREIGN_PROGRAM')
  assert.match(message, /^A program of uid 0 holds/)
  await startDatagramMember(t, arguments_).hear('ready')

  // The other way round, root could look into the process, but it is still another user's.
  const theirs = startDatagramMember(t, { port: 0, reuseAddr: true, uid: nobody })
  const at = await theirs.hear<AddressInfo>('ready')
  const own = startDatagramMember(t, { ...arguments_, port: at.port })
  assert.match((await own.hear<Failed>('failed')).message, /uid 65534\) holds/)
})

test(
  'a supervisor that passed the listener on is trusted, other strangers are not',
  needsPeers,
  async (t) => {
    const sockets = [0, 1].map(() => native.open('tcp', 4))
    t.after(() => sockets.forEach(native.close))
    const [own = 0, sibling = 0] = sockets
    const port = await freePort()
    for (const socket of sockets) {
      native.setOption(socket, 'SO_REUSEPORT', 1)
      native.bind(socket, '127.0.0.1', port)
      native.listen(socket, 64)
    }
    assert.ok(sibling) // Held by this test alone, as a supervisor keeps the socket of a dead worker.
    const file = fileURLToPath(fixtureFile('inheritor.js'))
    const script = `export LISTEN_FDS=1 LISTEN_PID=$$; exec "${process.execPath}" "${file}" "$1"`
    const start = (): Fixture =>
      startFixture(t, ['sh', '-c', script, 'sh', JSON.stringify({ port, reuse: only })], {
        descriptors: [own],
      })
    await start().hear('ready')
    await startPython(t, port, 'share').hear('ready')
    assert.equal((await start().hear<Failed>('failed')).code, 'ERR_REUSE_FOREIGN_PROGRAM')
  },
)

test('setReuse refuses `only` for a descriptor, and unknown values of it', needsPeers, (t) => {
  const descriptor = native.open('tcp', 4)
  t.after(() => native.close(descriptor))
  assert.throws(() => setReuse(descriptor, only), { code: 'ERR_REUSE_UNSUPPORTED' })
  const server = net.createServer()
  const wrong = { only: 'same-user' as 'same-program' }
  assert.throws(() => setReuse(server, wrong), /"only" must be "same-program", got "same-user"/)
})

test('same-program: listen fails if the system does not list sockets', needsPeers, async (t) => {
  const { server } = sharedServer(t, only)
  t.mock.method(native, 'list', () => {
    throw Object.assign(new Error('sock_diag'), { errno: 1, syscall: 'sock_diag' })
  })
  server.listen(0, '127.0.0.1')
  assert.equal((await failure(server)).code, 'EPERM')
  assert.equal(server.listening, false)
})

test('an explanation survives JSON unchanged', needsPeers, async (t) => {
  const { server } = sharedServer(t)
  server.listen(0, '127.0.0.1')
  const explanation = await explain({ port: await listening(server) })
  const copy: Explanation = JSON.parse(JSON.stringify(explanation))
  assert.deepEqual(copy, explanation)
})
