/** `reuse exec`: what becomes of the listener of a program that has ended without leaving. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { keepGroup } from '@reuse/core/group'
import { countAnswers, freePort, request, until } from '@reuse/testkit'
import { untilPrinted } from './apps.js'
import {
  listen,
  processesOf,
  python,
  server,
  startExec,
  untilListeners,
  untilQueued,
} from './exec-programs.js'
import { needsPython } from './programs.js'

test('after a crash, the next start serves requests that still wait', needsPython, async (t) => {
  const port = await freePort()
  const { waiting } = await crashWithOneWaiting(t, port)
  const second = startExec(t, [], python(server, port))
  const pid = await second.hear<number>('ready')
  assert.equal(await waiting, String(pid))
  // It is an ordinary listener of the program, and nobody holds it once the program has ended.
  assert.equal(await request({ port }), String(pid))
  await second.end()
  await untilListeners(port, 0)
})

test('a listener left by a crash is taken over once, however slowly', needsPython, async (t) => {
  const port = await freePort()
  const crashing = `${listen}
listener = listen(int(sys.argv[1]))
say("ready", os.fstat(listener.fileno()).st_ino)
sys.stdin.readline()
os._exit(7)`
  const slow = `${listen}
listener = socket.socket()
listener.bind(("127.0.0.1", int(sys.argv[1])))
say("bound", os.fstat(listener.fileno()).st_ino)
sys.stdin.readline()
listener.listen(64)
say("ready", os.getpid())
serve(listener)`
  const first = startExec(t, [], python(crashing, port))
  const inode = await first.hear<number>('ready')
  first.tell('crash')
  await first.exit()
  const second = startExec(t, [], python(slow, port))
  assert.equal(await second.hear('bound'), inode)
  await setTimeout(600) // Any sooner, it would not be offered to anybody.
  const third = startExec(t, [], python(slow, port))
  assert.notEqual(await third.hear('bound'), inode)
  const pids = await Promise.all([second, third].map((one) => one.ask<number>('ready')))
  await untilListeners(port, 2)
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
})

/** Starts a program that crashes; returns the request that waits at the listener it leaves behind. */
async function crashWithOneWaiting(
  t: TestContext,
  port: number,
): Promise<{ waiting: Promise<string> }> {
  const crashing = `${listen}
listener = listen(int(sys.argv[1]))
say("ready")
sys.stdin.readline()
os._exit(7)`
  const program = startExec(t, [], python(crashing, port))
  await program.hear('ready')
  const waiting = request({ port })
  await untilQueued(port, 1)
  program.tell('crash')
  assert.deepEqual(await program.exit(), { code: 7, signal: null })
  return { waiting }
}

for (const flags of ['EPOLLIN', 'EPOLLIN | select.EPOLLET']) {
  test(`epoll reports what waits at a taken-over listener: ${flags}`, needsPython, async (t) => {
    const port = await freePort()
    const { waiting } = await crashWithOneWaiting(t, port)
    // As Boost.Asio and Netty do: the socket is in the epoll set before it is bound.
    const early = `import select
${listen}
epolls = [select.epoll(), select.epoll()]
listener = socket.socket()
for one in epolls: one.register(listener, select.${flags})
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(64)
listener.setblocking(False)
say("ready", [os.getpid(), os.fstat(listener.fileno()).st_ino])
while True:
    for epoll in epolls:
        for number, _ in epoll.poll():
            assert number == listener.fileno()
            try: client, _ = listener.accept()
            except BlockingIOError: continue
            client.setblocking(True)
            client.recv(4096)
            client.sendall(b"HTTP/1.0 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok")
            client.close()`
    const program = startExec(t, [], python(early, port))
    await program.hear('ready')
    assert.equal(await waiting, 'ok')
    assert.equal(await request({ port }), 'ok')
    assert.ok(program.running, program.output)
    await untilListeners(port, 1)
  })
}

test('a program with a duplicate of its socket takes over no listener', needsPython, async (t) => {
  const port = await freePort()
  const { waiting } = await crashWithOneWaiting(t, port)
  const twice = `${listen}
listener = socket.socket()
other = listener.dup()
listener.bind(("127.0.0.1", int(sys.argv[1])))
other.listen(64)
say("ready", other.getsockname()[1])
serve(other)`
  const program = startExec(t, ['--verbose'], python(twice, port))
  assert.equal(await program.hear('ready'), port)
  await untilPrinted(program, /has duplicates of its socket, and cannot take over a listener/)
  await setTimeout(600) // Any sooner, it would not be offered to anybody.
  const next = startExec(t, [], python(server, port))
  assert.equal(await waiting, String(await next.hear<number>('ready')))
})

/** A program that leaves a child serving, and ends with an exit code when told to. */
const leavingWorker = `${listen}
listener = listen(int(sys.argv[1]))
if os.fork() == 0:
    say("ready", os.getpid())
    serve(listener)
sys.stdin.readline()
os._exit(int(sys.argv[2]))`

/** Kills a process after the test, if it has not ended. */
function killAfter(t: TestContext, pid: number): void {
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  })
}

test('SIGTERM to the supervisor ends a child that outlives its program', needsPython, async (t) => {
  const port = await freePort()
  const program = startExec(t, [], python(leavingWorker, port, 0))
  const worker = await program.hear<number>('ready')
  killAfter(t, worker)
  const [, supervisor] = processesOf(program.pid, 'reuse-exec')
  assert.ok(supervisor)
  program.tell('end')
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  assert.equal(await request({ port }), String(worker))
  process.kill(supervisor, 'SIGTERM')
  await untilListeners(port, 0)
})

test('a crash does not take the listener of a child that still serves', needsPython, async (t) => {
  const port = await freePort()
  const program = startExec(t, [], python(leavingWorker, port, 7))
  const worker = await program.hear<number>('ready')
  killAfter(t, worker)
  program.tell('end')
  assert.deepEqual(await program.exit(), { code: 7, signal: null })
  const second = startExec(t, [], python(server, port))
  const pid = await second.hear<number>('ready')
  await untilListeners(port, 2)
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual([...answers.keys()].sort(), [worker, pid].map(String).sort())
  // Its listener becomes an orphan only when the worker has ended too.
  process.kill(worker, 'SIGKILL')
  await untilListeners(port, 1)
})

test('a keeper holds listeners of killed programs for the next ones', needsPython, async (t) => {
  const port = await freePort()
  const programs = [1, 2].map(() => startExec(t, [], python(server, port)))
  const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
  const key = `tcp/127.0.0.1/dual/${port}/${process.geteuid?.()}`
  const keeper = keepGroup(key, { holdTimeout: 60_000 })
  t.after(() => keeper.close())
  await until(() => keeper.listeners.size === 2)
  // The keeper asks for no filter, so the kernel still chooses.
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  await Promise.all(programs.map((program) => program.exit()))
  await untilListeners(port, 2)
  const waiting = Array.from({ length: 20 }, () => request({ port }))
  const next = [1, 2].map(() => startExec(t, [], python(server, port)))
  const nextPids = await Promise.all(next.map((program) => program.hear<number>('ready')))
  for (const answer of await Promise.all(waiting)) assert.ok(nextPids.includes(Number(answer)))
  await untilListeners(port, 2)
})
