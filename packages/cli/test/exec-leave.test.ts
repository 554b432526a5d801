/** `reuse exec`: how a program leaves its ports: by signals, or when it or its supervisor is killed. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { peers } from '@reuse/core'
import { countAnswers, type Fixture, freePort, request, until } from '@reuse/testkit'
import { untilPrinted } from './apps.js'
import {
  connectTo,
  hasMember,
  listen,
  processesOf,
  python,
  server,
  startExec,
  untilAnswers,
  untilListeners,
  untilQueued,
} from './exec-programs.js'
import { list, needsPython, reuse, startMember, untilPeers } from './programs.js'

const needsNetcat =
  spawnSync('nc', ['-h']).status === 0 ? needsPython : { skip: 'nc is not installed' }

test('a member with @reuse and a program under reuse exec share a port', needsPython, async (t) => {
  const { port, program } = await startMember(t)
  const other = startExec(t, ['--weight', 3], python(server, port))
  const pid = await other.hear<number>('ready')
  await untilListeners(port, 2)
  const answers = await countAnswers({ port }, 200)
  assert.deepEqual([...answers.keys()].sort(), [String(pid), String(program.pid)].sort())
  const listed = await list(port)
  assert.deepEqual(listed.map(({ weight }) => weight).sort(), [1, 3])
  // Under the program's name, not that of its launcher.
  assert.ok(listed.some((one) => one.program?.startsWith('python3')))
})

test('a member serves what waits at a killed program under reuse exec', needsPython, async (t) => {
  const { port, program } = await startMember(t)
  const deaf = `${listen}
listener = listen(int(sys.argv[1]))
say("ready", os.getpid())
time.sleep(60)`
  const other = startExec(t, [], python(deaf, port))
  const pid = await other.hear<number>('ready')
  await untilListeners(port, 2)
  const waiting = Array.from({ length: 20 }, () => request({ port }))
  process.kill(pid, 'SIGKILL')
  for (const answer of await Promise.all(waiting)) assert.equal(answer, String(program.pid))
  assert.equal((await other.exit()).signal, 'SIGKILL')
})

test('waiting requests are served after SIGTERM, and lost with SIGKILL', needsPython, async (t) => {
  const slow = `${listen}
listener = listen(int(sys.argv[1]))
say("ready", os.getpid())
sys.stdin.readline()
while True:
    client, _ = listener.accept()
    client.recv(4096)
    client.sendall(b"HTTP/1.0 200 OK\\r\\ncontent-length: 2\\r\\n\\r\\nok")
    client.close()
    time.sleep(0.02)`
  const failuresOf = async (end: (program: Fixture, pid: number) => unknown): Promise<number> => {
    const port = await freePort()
    const programs = [1, 2].map(() => startExec(t, [], python(slow, port)))
    const [first] = programs
    const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
    assert.ok(first && pids[0])
    const answers = Array.from({ length: 40 }, () => request({ port }).catch(() => null))
    await untilQueued(port, 40)
    await end(first, pids[0])
    for (const program of programs) if (program.running) program.tell('begin')
    return (await Promise.all(answers)).filter((answer) => answer !== 'ok').length
  }
  assert.equal(await failuresOf((program) => process.kill(program.pid, 'SIGTERM')), 0)
  const killAll = async (program: Fixture, pid: number): Promise<void> => {
    for (const one of [...processesOf(program.pid, 'reuse-exec'), pid]) {
      try {
        process.kill(one, 'SIGKILL')
      } catch {
        // The program has ended with its launcher.
      }
    }
    await program.exit()
  }
  assert.ok((await failuresOf(killAll)) > 0)
})

test('connections do not hang after a program closes its listener', needsPython, async (t) => {
  const port = await freePort()
  const closing = `${listen}
listener = listen(int(sys.argv[1]))
say("ready")
sys.stdin.readline()
listener.close()
say("closed")
time.sleep(60)`
  const program = startExec(t, [], python(closing, port))
  await program.hear('ready')
  await program.ask('closed')
  const late = await connectTo(t, port)
  await new Promise((resolve) => late.once('close', resolve))
  await untilListeners(port, 0)
  assert.ok(program.running)
})

test('a program that listens again for each connection loses none', needsNetcat, async (t) => {
  const port = await freePort()
  const once = String.raw`printf 'HTTP/1.0 200 OK\r\n\r\nok' | nc -l -N 127.0.0.1 "$0"`
  const program = startExec(t, [], ['sh', '-c', `for i in 1 2 3 4 5 6; do ${once}; done`, port])
  await untilListeners(port, 1)
  const answers = await Promise.all(Array.from({ length: 6 }, () => request({ port })))
  assert.deepEqual(answers, Array(6).fill('ok'))
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  await untilListeners(port, 0)
})

test(
  'the first SIGTERM waits until the port is left, a second is passed on at once',
  needsPython,
  async (t) => {
    const port = await freePort()
    const counting = `${listen}
listener = listen(int(sys.argv[1]))
signal.signal(signal.SIGTERM, lambda *_: say("got", "SIGTERM"))
signal.signal(signal.SIGHUP, lambda *_: say("got", "SIGHUP"))
say("ready")
while True: signal.pause()`
    const program = startExec(t, ['--verbose'], python(counting, port))
    await program.hear('ready')
    process.kill(program.pid, 'SIGHUP')
    assert.equal(await program.hear('got'), 'SIGHUP')
    await assertLeavesFirst(t, program, port, 'SIGTERM')
  },
)

/** Asserts that a program that accepts nothing gets a signal only when it is sent again. */
async function assertLeavesFirst(
  t: TestContext,
  program: Fixture,
  port: number,
  signal: NodeJS.Signals,
): Promise<void> {
  await connectTo(t, port) // What is in its queue keeps it from leaving.
  await untilQueued(port, 1)
  await startExec(t, [], python(server, port)).hear('ready')
  process.kill(program.pid, signal)
  await untilPrinted(program, /leaves its ports/)
  assert.deepEqual(program.heard('got'), [])
  process.kill(program.pid, signal)
  assert.equal(await program.hear('got'), signal)
}

test('a program that survives a signal keeps its port', needsPython, async (t) => {
  const port = await freePort()
  const surviving = `${listen}
signals = [signal.SIGQUIT, signal.SIGHUP, signal.SIGUSR1]
for one in signals: signal.signal(one, lambda number, _: say("got", int(number)))
listener = listen(int(sys.argv[1]))
say("ready", [os.getpid(), *map(int, signals)])
serve(listener)`
  const program = startExec(t, [], python(surviving, port))
  const [pid = 0, ...signals] = await program.hear<number[]>('ready')
  const other = startExec(t, [], python(server, port))
  const otherPid = await other.hear<number>('ready')
  for (const signal of signals) {
    process.kill(program.pid, signal)
    assert.equal(await program.hear('got'), signal)
  }
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual([...answers.keys()].sort(), [pid, otherPid].map(String).sort())
})

test('a program leaves its ports before it gets the --stop-signal', needsPython, async (t) => {
  const port = await freePort()
  const quitting = `${listen}
signal.signal(signal.SIGQUIT, lambda *_: say("got", "SIGQUIT"))
listener = listen(int(sys.argv[1]))
say("ready")
while True: signal.pause()`
  const options = ['--verbose', '--stop-signal', 'SIGQUIT']
  const program = startExec(t, options, python(quitting, port))
  await program.hear('ready')
  await assertLeavesFirst(t, program, port, 'SIGQUIT')
})

test('SIGTTIN, SIGTTOU and SIGRTMAX are passed on to the program', needsPython, async (t) => {
  const counting = `${listen}
named = [signal.SIGTTIN, signal.SIGTTOU, signal.SIGRTMAX]
for one in named: signal.signal(one, lambda number, _: say("got", int(number)))
say("ready", [int(one) for one in named])
while True: signal.pause()`
  const program = startExec(t, [], python(counting))
  const signals = await program.hear<number[]>('ready')
  const [launcher] = processesOf(program.pid, 'reuse-exec')
  assert.ok(launcher)
  // Twice: the launcher is not stopped by the first one.
  for (const signal of [...signals, ...signals]) {
    process.kill(launcher, signal)
    assert.equal(await program.hear('got'), signal)
  }
  assert.ok(program.running)
})

test(
  'killing the launcher ends the program, whose children can still bind ports',
  needsPython,
  async (t) => {
    const [port, later] = [await freePort(), await freePort()]
    const forking = `${listen}
if os.fork() == 0:
    parent = os.getppid()
    while os.getppid() == parent: time.sleep(0.01)
    try:
        listener = listen(int(sys.argv[2]))
        serve(listener)
    finally: os._exit(1)
listener = listen(int(sys.argv[1]))
say("ready", os.getpid())
serve(listener)`
    const program = startExec(t, [], python(forking, port, later))
    const pid = await program.hear<number>('ready')
    const [launcher] = processesOf(program.pid, 'reuse-exec')
    assert.ok(launcher)
    process.kill(launcher, 'SIGKILL')
    await untilListeners(later, 1)
    const orphan = Number(await request({ port: later }))
    t.after(() => process.kill(orphan, 'SIGKILL'))
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  },
)

test('a killed supervisor is replaced by the launcher', needsPython, async (t) => {
  const [port, later] = [await freePort(), await freePort()]
  const twice = `${listen}
first = listen(int(sys.argv[1]))
say("ready", os.getpid())
sys.stdin.readline()
second = listen(int(sys.argv[2]))
say("again", second.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))
sys.stdin.readline()
sys.exit(9)`
  const program = startExec(t, [], python(twice, port, later))
  await program.hear('ready')
  const [, supervisor] = processesOf(program.pid, 'reuse-exec')
  assert.ok(supervisor)
  process.kill(supervisor, 'SIGKILL')
  assert.notEqual(await program.ask('again'), 0)
  program.tell('end')
  assert.deepEqual(await program.exit(), { code: 9, signal: null })
})

test('killing the supervisor does not turn the listener into an orphan', needsPython, async (t) => {
  const { port, program: member } = await startMember(t)
  const program = startExec(t, ['--weight', 3], python(server, port))
  const pid = await program.hear<number>('ready')
  await untilListeners(port, 2)
  const [, supervisor] = processesOf(program.pid, 'reuse-exec')
  assert.ok(supervisor)
  process.kill(supervisor, 'SIGKILL')
  await until(() => !processesOf(program.pid, 'reuse-exec').includes(supervisor))
  // A member that joins now gets its own listener, and all of them serve.
  const { program: another } = await startMember(t, { ports: [port] })
  await untilListeners(port, 3)
  const group = await peers(port)
  assert.deepEqual(
    group.map(({ orphan }) => orphan),
    [false, false, false],
  )
  const pids = [member.pid, another.pid, pid].map(String).sort()
  await untilAnswers(port, (counts) => [...counts.keys()].sort().join() === pids.join())
  assert.ok(program.running, program.output)
  // When the program has ended, the members hold its listener.
  process.kill(pid, 'SIGKILL')
  await program.exit()
  await untilPeers(port, (group) => group.filter(({ orphan }) => orphan).length === 1)
})

/** The process that takes the listeners of a leaving program out of their groups; undefined if there is none. */
function retiringOf(supervisor: number): number | undefined {
  const children = readFileSync(`/proc/${supervisor}/task/${supervisor}/children`, 'latin1')
  const pids = children.split(' ').filter(Boolean).map(Number)
  return pids.find((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('\0retire\0'))
}

test(
  'the launcher ends if the supervisor is killed right after the program',
  needsPython,
  async (t) => {
    const port = await freePort()
    const [program, other] = [1, 2].map(() => startExec(t, [], python(server, port)))
    assert.ok(program && other)
    const pid = await program.hear<number>('ready')
    await other.hear('ready')
    await untilListeners(port, 2)
    const [launcher, supervisor] = processesOf(program.pid, 'reuse-exec')
    assert.ok(launcher && supervisor)
    process.kill(launcher, 'SIGTERM')
    const helper = await until(() => retiringOf(supervisor))
    t.after(() => process.kill(helper, 'SIGKILL'))
    // As long as the helper has not ended, the supervisor does not say that the program has.
    process.kill(helper, 'SIGSTOP')
    process.kill(pid, 'SIGKILL')
    await until(() => !existsSync(`/proc/${pid}`))
    process.kill(supervisor, 'SIGKILL')
    assert.deepEqual(await program.exit(), { code: 125, signal: null })
  },
)

test('reuse stop stops programs under reuse exec', needsPython, async (t) => {
  const port = await freePort()
  const programs = [1, 2].map(() => startExec(t, [], python(server, port)))
  for (const program of programs) await program.hear('ready')
  const { status, stdout, stderr } = await reuse(['stop', `:${port}`])
  assert.equal(status, 0, stderr)
  assert.equal(stdout.match(/has left/g)?.length, 2, stdout)
  for (const program of programs) {
    assert.deepEqual(await program.exit(), { code: null, signal: 'SIGTERM' })
  }
})

test('launcher, supervisor and listener are gone when the program ends', needsPython, async (t) => {
  const port = await freePort()
  const program = startExec(t, [], python(server, port))
  await program.hear('ready')
  const pids = processesOf(program.pid, 'reuse-exec')
  assert.equal(pids.length, 2)
  await program.end()
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  await untilListeners(port, 0)
})

for (const mechanism of ['seccomp', 'preload']) {
  test(`${mechanism}: killing the launcher leaves no process or file`, needsPython, async (t) => {
    const port = await freePort()
    const folder = mkdtempSync(path.join(tmpdir(), 'reuse-exec-'))
    t.after(() => rmSync(folder, { recursive: true }))
    const env = { TMPDIR: folder, XDG_RUNTIME_DIR: folder }
    const options = ['--mechanism', mechanism]
    const program = startExec(t, options, python(server, port), { env })
    const pid = await program.hear<number>('ready')
    await until(() => hasMember('127.0.0.1', port))
    const pids = [...processesOf(program.pid, 'reuse-exec'), pid]
    assert.equal(pids.length, 3)
    process.kill(pids[0] ?? 0, 'SIGKILL')
    for (const one of pids) await untilGone(one)
    await untilListeners(port, 0)
    assert.equal(hasMember('127.0.0.1', port), false)
    assert.deepEqual(readdirSync(folder), [])
  })
}

/** Waits until a process is gone, or a zombie. */
async function untilGone(pid: number): Promise<void> {
  await until(() => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
    } catch {
      return true
    }
  })
}
