/** `reuse exec`: what it changes about a program, and what it leaves as it is. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { constants, tmpdir } from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { peers } from '@reuse/core'
import { keepGroup } from '@reuse/core/group'
import { countAnswers, type Fixture, freePort, request, startFixture, until } from '@reuse/testkit'
import { untilPrinted } from './apps.js'
import {
  connectTo,
  launcherFile,
  listen,
  processesOf,
  python,
  refusing,
  runExec,
  startExec,
  untilListeners,
  untilState,
} from './exec-programs.js'
import {
  command,
  list,
  needsOtherUser,
  needsPython,
  otherUser,
  reuse,
  startMember,
  terminalDriver,
  untilPeers,
} from './programs.js'

const needsNetcat =
  spawnSync('nc', ['-h']).status === 0 ? needsPython : { skip: 'nc is not installed' }

const multipath = 'import socket; socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)'
const needsMultipath =
  spawnSync('python3', ['-c', multipath]).status === 0
    ? needsPython
    : { skip: 'this system has no sockets of MPTCP' }

const needsNetworks =
  spawnSync('unshare', ['--net', 'true']).status === 0
    ? needsPython
    : { skip: 'no network namespace can be made here' }

const needsReplacing =
  'execve' in process ? needsPython : { skip: 'this Node stays before the launcher' }

const server = `${listen}
listener = listen(int(sys.argv[1]))
say("ready", os.getpid())
serve(listener)`

for (const mechanism of ['seccomp', 'preload']) {
  const options = ['--mechanism', mechanism]

  test(`${mechanism}: two share a port, and both get connections`, needsPython, async (t) => {
    const port = await freePort()
    const programs = [1, 2].map(() => startExec(t, options, python(server, port)))
    const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
    const answers = await countAnswers({ port }, 100)
    assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
  })

  test(`${mechanism}: only the named ports share`, needsPython, async (t) => {
    const [shared, other] = [await freePort(), await freePort()]
    const both = `${listen}
for port in sys.argv[1:]:
    try:
        kept = globals().setdefault("kept", [])
        kept.append(listen(int(port)))
        say("bound", int(port))
    except OSError as error:
        say("refused", int(port))
say("ready")
time.sleep(60)`
    const named = [...options, '--port', shared]
    await startExec(t, named, python(both, shared, other)).hear('ready')
    const second = startExec(t, named, python(both, shared, other))
    assert.equal(await second.hear('bound'), shared)
    assert.equal(await second.hear('refused'), other)
  })

  test(`${mechanism}: a bind goes to another port and address`, needsPython, async (t) => {
    const [from, to] = [await freePort(), await freePort()]
    const moved = [...options, '--map', `${from}=${to}`, '--address', '127.0.0.2']
    const program = startExec(t, moved, python(server, from))
    const pid = await program.hear<number>('ready')
    assert.equal(await request({ port: to, host: '127.0.0.2' }), String(pid))
    await assert.rejects(request({ port: from }), { code: 'ECONNREFUSED' })
  })

  test(`${mechanism}: IPv6, dual-stack and UDP`, needsPython, async (t) => {
    const port = await freePort()
    const kinds = `${listen}
dual = socket.socket(socket.AF_INET6)
dual.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
dual.bind(("::", int(sys.argv[1])))
dual.listen(8)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("127.0.0.1", int(sys.argv[1])))
udp6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
udp6.bind(("::1", int(sys.argv[1])))
say("ready")
time.sleep(60)`
    for (let count = 0; count < 2; count++) {
      await startExec(t, options, python(kinds, port)).hear('ready')
    }
    const addresses = (await peers({ port })).map(({ address }) => address)
    assert.deepEqual(addresses, ['::', '::'])
    const datagrams = (await peers({ port, protocol: 'udp' })).map(({ address }) => address)
    assert.deepEqual(datagrams.sort(), ['127.0.0.1', '127.0.0.1', '::1', '::1'])
  })

  test(`${mechanism}: MPTCP, which programs in Go listen with`, needsMultipath, async (t) => {
    const port = await freePort()
    const multipathServer = `${listen}
listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen(64)
say("ready", os.getpid())
serve(listener)`
    const programs = [1, 2].map(() => startExec(t, options, python(multipathServer, port)))
    const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
    const answers = await countAnswers({ port }, 100)
    assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
  })

  test(`${mechanism}: connections come from an address`, needsPython, async (t) => {
    const listener = net.createServer().listen(0, '127.0.0.1')
    t.after(() => listener.close())
    await once(listener, 'listening')
    const { port } = listener.address() as net.AddressInfo
    const accepted = once(listener, 'connection')
    const client = `client = socket.create_connection(("127.0.0.1", int(sys.argv[1])))\nclient.recv(1)`
    startExec(t, [...options, '--source-address', '127.0.0.9'], python(client, port))
    const [connection] = await accepted
    t.after(() => connection.destroy())
    assert.equal(connection.remoteAddress, '127.0.0.9')
  })

  test(`${mechanism}: so do those of dual-stack sockets to IPv4`, needsPython, async (t) => {
    const listener = net.createServer().listen(0, '127.0.0.1')
    t.after(() => listener.close())
    await once(listener, 'listening')
    const { port } = listener.address() as net.AddressInfo
    const client = `client = socket.socket(socket.AF_INET6)
client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
client.connect(("::ffff:127.0.0.1", int(sys.argv[1])))
client.recv(1)`
    // An address of IPv6 is for connections to such addresses.
    for (const [source, expected] of [
      ['127.0.0.9', '127.0.0.9'],
      ['::1', '127.0.0.1'],
    ] as const) {
      const accepted = once(listener, 'connection')
      startExec(t, [...options, '--source-address', source], python(client, port))
      const [connection] = await accepted
      t.after(() => connection.destroy())
      assert.equal(connection.remoteAddress, expected)
    }
  })

  test(`${mechanism}: programs that it starts share too`, needsPython, async (t) => {
    const port = await freePort()
    const nested = ['sh', '-c', '"$@" & wait', 'sh', ...python(server, port)]
    for (let count = 0; count < 2; count++) {
      const pid = await startExec(t, options, nested).hear<number>('ready')
      t.after(() => process.kill(pid, 'SIGKILL')) // Whoever ends the shell does not end it.
    }
    await untilListeners(port, 2)
  })

  test(`${mechanism}: a port 0 is the program's own`, needsPython, async (t) => {
    const program = `${listen}
ports = [listen(0).getsockname()[1] for _ in range(20)]
shared = [socket.socket().getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)]
listener = listen(0)
say("ready", listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))`
    assert.equal(await startExec(t, options, python(program)).hear('ready'), 0)
  })
}

test(
  'an address of the other family leaves a bind where it is, and says so',
  needsPython,
  async (t) => {
    const port = await freePort()
    const program = startExec(t, ['--address', '::1'], python(server, port))
    const pid = await program.hear<number>('ready')
    assert.equal(await request({ port }), String(pid))
    assert.match(program.output, new RegExp(`port ${port} with an IPv4 socket, which cannot have`))
  },
)

test('a member with @reuse and such a program serve side by side', needsPython, async (t) => {
  const { port, program } = await startMember(t)
  const other = startExec(t, ['--weight', 3], python(server, port))
  const pid = await other.hear<number>('ready')
  await untilListeners(port, 2)
  const answers = await countAnswers({ port }, 200)
  assert.deepEqual([...answers.keys()].sort(), [String(pid), String(program.pid)].sort())
  const listed = await list(port)
  assert.deepEqual(listed.map(({ weight }) => weight).sort(), [1, 3])
  // By the program's name, and not by that of its launcher.
  assert.ok(listed.some((one) => one.program?.startsWith('python3')))
})

test('a member serves what waits at such a program that is killed', needsPython, async (t) => {
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

test('what waits is served before it ends, and a plain kill loses it', needsPython, async (t) => {
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
        // The launcher takes the program along.
      }
    }
    await program.exit()
  }
  assert.ok((await failuresOf(killAll)) > 0)
})

test('what waits when it crashes is served by its next start', needsPython, async (t) => {
  const port = await freePort()
  const crashing = `${listen}
listener = listen(int(sys.argv[1]))
say("ready")
sys.stdin.readline()
os._exit(7)`
  const first = startExec(t, [], python(crashing, port))
  await first.hear('ready')
  const waiting = request({ port })
  await untilQueued(port, 1)
  first.tell('crash')
  assert.deepEqual(await first.exit(), { code: 7, signal: null })
  const second = startExec(t, [], python(server, port))
  const pid = await second.hear<number>('ready')
  assert.equal(await waiting, String(pid))
  // It is an ordinary listener of the program, and nobody has it when that has ended.
  assert.equal(await request({ port }), String(pid))
  await second.end()
  await untilListeners(port, 0)
})

test('what is left by a crash is taken once, however long that takes', needsPython, async (t) => {
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
  await setTimeout(600) // Before that it would not be offered to anybody.
  const third = startExec(t, [], python(slow, port))
  assert.notEqual(await third.hear('bound'), inode)
  const pids = await Promise.all([second, third].map((one) => one.ask<number>('ready')))
  await untilListeners(port, 2)
  const answers = await countAnswers({ port }, 100)
  assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
})

/** Starts a program that crashes; gives what waits at the listener that it leaves. */
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
  await program.exit()
  return { waiting }
}

for (const flags of ['EPOLLIN', 'EPOLLIN | select.EPOLLET']) {
  test(`what is left by a crash is heard of by epoll too: ${flags}`, needsPython, async (t) => {
    const port = await freePort()
    const { waiting } = await crashWithOneWaiting(t, port)
    // As Boost.Asio and Netty do: the epoll has the socket before that is bound.
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

test('a program that has its socket twice takes over none', needsPython, async (t) => {
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
  await untilPrinted(program, /has its socket more than once, and takes over no listener/)
  await setTimeout(600) // Before that it would not be offered to anybody.
  const next = startExec(t, [], python(server, port))
  assert.equal(await waiting, String(await next.hear<number>('ready')))
})

test('a program that closes its listener leaves nobody waiting', needsPython, async (t) => {
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

test('a program that listens anew for each connection loses none', needsNetcat, async (t) => {
  const port = await freePort()
  const once = String.raw`printf 'HTTP/1.0 200 OK\r\n\r\nok' | nc -l -N 127.0.0.1 "$0"`
  const program = startExec(t, [], ['sh', '-c', `for i in 1 2 3 4 5 6; do ${once}; done`, port])
  await untilListeners(port, 1)
  const answers = await Promise.all(Array.from({ length: 6 }, () => request({ port })))
  assert.deepEqual(answers, Array(6).fill('ok'))
  assert.deepEqual(await program.exit(), { code: 0, signal: null })
  await untilListeners(port, 0)
})

test('output, input, environment and exit code are its own', needsPython, async () => {
  const { status, stdout, stderr } = await runExec(
    [],
    ['sh', '-c', 'cat; echo "$COLOUR" >&2; exit 7'],
    { input: 'in\n', env: { COLOUR: 'blue' } },
  )
  assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: 'in\n', stderr: 'blue\n' })
})

test('who reads its output sees its end when the program closes it', needsReplacing, async (t) => {
  const closing = ['sh', '-c', 'exec >&-; exec sleep 60']
  const child = spawn(process.execPath, [command, 'exec', '--', ...closing], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.after(() => child.kill())
  await once(child.stdout.resume(), 'end')
  assert.deepEqual([child.exitCode, child.signalCode], [null, null])
})

test('signals that Node ignores are not ignored in the program', needsPython, async () => {
  const { status, stdout } = await runExec([], ['grep', 'SigIgn', '/proc/self/status'])
  assert.equal(status, 0)
  const ignored = BigInt(`0x${stdout.trim().split(/\s+/)[1]}`)
  for (const name of ['SIGPIPE', 'SIGXFSZ'] as const) {
    assert.equal((ignored >> BigInt(constants.signals[name] - 1)) & 1n, 0n, name)
  }
})

test('it ends by the signal that ended the program', needsPython, async (t) => {
  const program = startExec(t, [], ['sh', '-c', 'kill -USR1 $$'])
  assert.deepEqual(await program.exit(), { code: null, signal: 'SIGUSR1' })
})

test('errors of a command are those of a shell', needsPython, async () => {
  const missing = await runExec([], ['no-such-command'])
  assert.equal(missing.status, 127)
  assert.equal(missing.stderr, 'reuse exec: no-such-command: command not found\n')
  const source = fileURLToPath(new URL('../../test/fixtures/static_server.c', import.meta.url))
  const forbidden = await runExec([], [source])
  assert.equal(forbidden.status, 126)
  assert.equal(forbidden.stderr, `reuse exec: ${source}: Permission denied\n`)
  const usage = await runExec(['--port', 'http'], ['true'])
  assert.equal(usage.status, 2)
  assert.match(usage.stderr, /A port is a number from 1 to 65535/)
})

test('a program that binds nothing runs as ever', needsPython, async () => {
  const { status, stdout, stderr } = await runExec(['--verbose'], ['echo', 'done'])
  assert.equal(status, 0)
  assert.equal(stdout, 'done\n')
  assert.match(stderr, /^reuse exec: binds are shared by seccomp\n$/)
})

/** Binds a port, and prints whether it shares that. */
const binding = `${listen}
print(listen(int(sys.argv[1])).getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0)`

const refusals = [
  { refused: 'seccomp', reason: /seccomp user notification is refused: / },
  { refused: 'pidfd_getfd', reason: /sockets cannot be taken \(pidfd_getfd\): / },
] as const

for (const { refused, reason } of refusals) {
  test(`without ${refused} the preload library shares, and says why`, needsPython, async () => {
    const program = python(binding, await freePort())
    const { status, stdout, stderr } = await runExec(['--verbose'], program, { refused: [refused] })
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'True\n' }, stderr)
    assert.match(stderr, /^reuse exec: binds are shared by a preload library, .*\n$/)
    assert.match(stderr, reason)
  })

  test(`without ${refused} --mechanism seccomp starts nothing`, needsPython, async () => {
    const options = ['--mechanism', 'seccomp']
    const { status, stdout, stderr } = await runExec(options, ['echo', 'started'], {
      refused: [refused],
    })
    assert.deepEqual({ status, stdout }, { status: 3, stdout: '' }, stderr)
    assert.match(stderr, /^reuse exec: this system does not let .*\. --mechanism auto uses/)
  })

  test(`without ${refused} and without the library nothing is started`, needsPython, async () => {
    assert.ok(launcherFile)
    for (const options of [[], ['--preload=/no/such/library.so']]) {
      const [file = '', ...words] = refusing(
        [refused],
        [launcherFile, ...options, '--', 'echo', 'x'],
      )
      const { status, stdout, stderr } = spawnSync(file, words, { encoding: 'utf8' })
      assert.deepEqual({ status, stdout }, { status: 3, stdout: '' }, stderr)
      assert.match(stderr, /^reuse exec: this system does not let .*library cannot be used either/)
    }
  })
}

test('the mechanism that was chosen is named', needsPython, async () => {
  const { stderr } = await runExec(['--verbose', '--mechanism', 'preload'], ['true'])
  assert.match(stderr, /^reuse exec: binds are shared by a preload library, .*: it was chosen\n$/)
})

test(
  'before Linux 5.19 a signal in the middle of a bind does not break it',
  needsPython,
  async () => {
    const [from, to] = [await freePort(), await freePort()]
    const interrupted = `import random
def again(*_): signal.setitimer(signal.ITIMER_REAL, 0.0001 + random.random() * 0.002)
signal.signal(signal.SIGALRM, again)
signal.siginterrupt(signal.SIGALRM, False)
again()
for _ in range(1000):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind(("127.0.0.1", int(sys.argv[1])))
    assert one.getsockname()[1] == int(sys.argv[2])
    one.close()
signal.signal(signal.SIGALRM, signal.SIG_IGN)
print("done")`
    const { stdout, stderr } = await runExec(
      ['--map', `${from}=${to}`],
      python(interrupted, from, to),
      { refused: ['killable'] },
    )
    assert.equal(stdout, 'done\n', stderr)
  },
)

test('who has a port of another user', needsOtherUser, async (t) => {
  const port = await freePort()
  const dropping = python(`os.setgroups([]); os.setgid(1234); os.setuid(1234)\n${server}`, port)
  const pid = await startFixture(t, dropping).hear<number>('ready')
  const { status, stderr } = await runExec([], python(server, port))
  assert.equal(status, 1)
  assert.match(
    stderr,
    new RegExp(`pid ${pid}, uid 1234\\) holds 127.0.0.1:${port} and belongs to another user`),
  )
})

test('who has a port that does not share it, and what to do', needsPython, async (t) => {
  const port = await freePort()
  const bare = startFixture(t, python(server, port))
  const pid = await bare.hear<number>('ready')
  const refused = startExec(t, [], python(server, port))
  const { code } = await refused.exit()
  assert.equal(code, 1)
  assert.match(
    refused.output,
    new RegExp(`pid ${pid}, .* holds 127.0.0.1:${port} and does not share it`),
  )
  assert.match(refused.output, new RegExp(`reuse open ${pid} ${port}`))
})

test('who has a port is told once to a program that tries again', needsPython, async (t) => {
  const port = await freePort()
  await startFixture(t, python(server, port)).hear('ready')
  const trying = `${listen}
for _ in range(20):
    try: listen(int(sys.argv[1]))
    except OSError: pass
sys.exit(1)`
  const refused = startExec(t, [], python(trying, port))
  const { code } = await refused.exit()
  assert.equal(code, 1)
  assert.equal(refused.output.match(/does not share it/g)?.length, 1, refused.output)
})

test(
  'signals: the first one waits until the port is left, a second one does not',
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
    // It accepts nothing: so what is in its queue keeps it from leaving.
    await connectTo(t, port)
    await untilQueued(port, 1)
    await startExec(t, [], python(server, port)).hear('ready')
    process.kill(program.pid, 'SIGTERM')
    await untilPrinted(program, /leaves its ports/)
    assert.deepEqual(program.heard('got'), [])
    process.kill(program.pid, 'SIGTERM')
    assert.equal(await program.hear('got'), 'SIGTERM')
  },
)

test('a signal that it survives takes no port from it', needsPython, async (t) => {
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

test('the signal of --stop-signal has it leave its ports first', needsPython, async (t) => {
  const port = await freePort()
  const quitting = `${listen}
signal.signal(signal.SIGQUIT, lambda *_: say("got", "SIGQUIT"))
listener = listen(int(sys.argv[1]))
say("ready")
while True: signal.pause()`
  const options = ['--verbose', '--stop-signal', 'SIGQUIT']
  const program = startExec(t, options, python(quitting, port))
  await program.hear('ready')
  await connectTo(t, port) // It is accepted by nobody.
  await untilQueued(port, 1)
  await startExec(t, [], python(server, port)).hear('ready')
  process.kill(program.pid, 'SIGQUIT')
  await untilPrinted(program, /leaves its ports/)
  assert.deepEqual(program.heard('got'), [])
  process.kill(program.pid, 'SIGQUIT')
  assert.equal(await program.hear('got'), 'SIGQUIT')
})

test('signals that a server may give a meaning of its own reach it', needsPython, async (t) => {
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
  'a killed launcher takes the program along; what that has started can still bind',
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

test('the listener of a killed supervisor is no orphan', needsPython, async (t) => {
  const { port, program: member } = await startMember(t)
  const program = startExec(t, ['--weight', 3], python(server, port))
  const pid = await program.hear<number>('ready')
  await untilListeners(port, 2)
  const [, supervisor] = processesOf(program.pid, 'reuse-exec')
  assert.ok(supervisor)
  process.kill(supervisor, 'SIGKILL')
  await until(() => !processesOf(program.pid, 'reuse-exec').includes(supervisor))
  // Whoever begins to listen has a listener of its own, and all of them serve.
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
  // When the program has ended, the members have it.
  process.kill(pid, 'SIGKILL')
  await program.exit()
  await untilPeers(port, (group) => group.filter(({ orphan }) => orphan).length === 1)
})

/** A program that leaves a process to serve, and ends with a code when it is told so. */
const leavingWorker = `${listen}
listener = listen(int(sys.argv[1]))
if os.fork() == 0:
    say("ready", os.getpid())
    serve(listener)
sys.stdin.readline()
os._exit(int(sys.argv[2]))`

/** Ends a process with the test, if it has not ended by then. */
function killAfter(t: TestContext, pid: number): void {
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  })
}

test('a signal to its supervisor reaches what a program has left', needsPython, async (t) => {
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

test('a crash takes no listener from a worker that goes on to serve', needsPython, async (t) => {
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
  // Its listener is an orphan when the worker has ended too.
  process.kill(worker, 'SIGKILL')
  await untilListeners(port, 1)
})

test('in a terminal: Ctrl-Z, Ctrl-C and input are the program’s', needsPython, async (t) => {
  const port = await freePort()
  const interactive = `${listen}
listener = listen(int(sys.argv[1]))
count = 0
def interrupted(*_):
    global count
    count += 1
signal.signal(signal.SIGINT, interrupted)
say("ready", os.getpid())
say("read", sys.stdin.readline().strip())
while count == 0: time.sleep(0.01)
time.sleep(0.5)
print() # The terminal has shown ^C.
say("interrupted", count)
sys.exit(4)`
  const words = [process.execPath, command, 'exec', '--', ...python(interactive, port)]
  // A shell with job control, as people type in.
  const shell = `set -m; "$@"; echo '{"stopped": '$?}; fg >/dev/null; echo '{"ended": '$?}`
  const terminal = startFixture(t, [
    'python3',
    terminalDriver,
    'bash',
    '-c',
    shell,
    'bash',
    ...words,
  ])
  const pid = await terminal.hear<number>('ready')
  terminal.tell('type', 'hello\n')
  assert.equal(await terminal.hear('read'), 'hello')
  terminal.tell('type', '\u001a')
  assert.equal(await terminal.hear('stopped'), 128 + constants.signals.SIGTSTP)
  await untilState(pid, 'S') // The shell goes on with it.
  terminal.tell('type', '\u0003')
  // It has come once, though the launcher has got it too.
  assert.equal(await terminal.hear('interrupted'), 1)
  assert.equal(await terminal.hear('ended'), 4)
})

test('a keeper holds what such programs leave, for the next', needsPython, async (t) => {
  const port = await freePort()
  const programs = [1, 2].map(() => startExec(t, [], python(server, port)))
  const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
  const key = `tcp/127.0.0.1/dual/${port}/${process.geteuid?.()}`
  const keeper = keepGroup(key, { holdTimeout: 60_000 })
  t.after(() => keeper.close())
  await until(() => keeper.listeners.size === 2)
  // It asks for no filter, so the kernel goes on choosing.
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

test('reuse stop stops them', needsPython, async (t) => {
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

test('nothing is left of it', needsPython, async (t) => {
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
  test(`${mechanism}: nothing is left when the launcher is killed`, needsPython, async (t) => {
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

/** Waits until a process is none, or one for which nobody has waited yet. */
async function untilGone(pid: number): Promise<void> {
  await until(() => {
    try {
      return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'))
    } catch {
      return true
    }
  })
}

test(
  'a program that becomes another user shares, with its own rights',
  needsOtherUser,
  async (t) => {
    const [port, privileged] = [await freePort(), 999]
    const dropping = `${listen}
os.setgroups([]); os.setgid(1234); os.setuid(1234)
try:
    listen(int(sys.argv[2]))
    say("privileged", True)
except PermissionError: say("privileged", False)
listener = listen(int(sys.argv[1]))
say("ready", listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))
serve(listener)`
    for (let count = 0; count < 2; count++) {
      const program = startExec(t, [], python(dropping, port, privileged))
      assert.equal(await program.hear('privileged'), false)
      assert.notEqual(await program.hear('ready'), 0)
    }
  },
)

test(
  'a setuid program is named, which has no rights of its owner then',
  needsOtherUser,
  async () => {
    const { status, stderr } = await reuse(['exec', '--', 'su', '--version'], { uid: otherUser })
    assert.equal(status, 0)
    assert.match(stderr, /^reuse exec: su is setuid or setgid, and does not get the rights/)
  },
)

test('a port that a program may not bind stays so', needsOtherUser, async (t) => {
  // In a user namespace of its own it has all capabilities there, and none that count for the port.
  const port = 81
  const isolated = `${listen}
try:
    listen(int(sys.argv[1]))
    say("bound", True)
except PermissionError: say("bound", False)`
  const unshare = ['unshare', '--user', '--map-root-user', ...python(isolated, port)]
  assert.equal(await startFixture(t, unshare).hear('bound'), false)
  assert.equal(await startExec(t, [], unshare).hear('bound'), false)
  const moved = ['unshare', '--user', '--map-root-user', ...python(isolated, await freePort())]
  const map = `${moved.at(-1)}=${port}`
  assert.equal(await startExec(t, ['--map', map], moved).hear('bound'), true)
  await untilListeners(port, 0)
})

/** Whether anybody presents itself as a member of the group of a port on an address. */
function hasMember(address: string, port: number): boolean {
  const names = readFileSync('/proc/net/unix', 'latin1')
  return names.includes(`@reuse/1/tcp/${address}/dual/${port}/`)
}

test('a port left alone has no group, whatever the program sets', needsPython, async (t) => {
  const [shared, other] = [await freePort(), await freePort()]
  const sharing = `${listen}
kept = []
for port in sys.argv[1:]:
    one = socket.socket()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    one.bind(("127.0.0.1", int(port)))
    one.listen(8)
    kept.append(one)
say("ready")
time.sleep(60)`
  await startExec(t, ['--port', shared], python(sharing, shared, other)).hear('ready')
  assert.equal(hasMember('127.0.0.1', shared), true)
  assert.equal(hasMember('127.0.0.1', other), false)
})

test('a listener in another network namespace is in no group', needsNetworks, async (t) => {
  const port = await freePort()
  const everywhere = `${listen}
listener = listen(int(sys.argv[1]), "0.0.0.0")
say("ready")
serve(listener)`
  const program = python(everywhere, port)
  await startExec(t, [], ['unshare', '--net', ...program]).hear('ready')
  assert.equal(hasMember('0.0.0.0', port), false)
  await startExec(t, [], program).hear('ready')
  assert.equal(hasMember('0.0.0.0', port), true)
})

/** Waits until something waits at a port. */
async function untilQueued(port: number, count: number): Promise<void> {
  await untilPeers(port, (group) => {
    return group.reduce((sum, { queue }) => sum + queue.length, 0) >= count
  })
}

test('weights and policies hold among such programs alone', needsPython, async (t) => {
  const port = await freePort()
  const start = async (...options: string[]): Promise<string> => {
    return String(await startExec(t, options, python(server, port)).hear<number>('ready'))
  }
  const [light, heavy] = [await start('--weight', '0.2'), await start('--weight', '5')]
  await untilAnswers(port, (counts) => (counts.get(light) ?? 0) * 10 < (counts.get(heavy) ?? 0))
  const { status, stderr } = await reuse(['steer', port, 'source-address'])
  assert.equal(status, 0, stderr)
  await untilAnswers(port, (counts) => counts.size === 1)
  assert.equal((await reuse(['steer', port, 'hash'])).status, 0)
  await untilAnswers(port, (counts) => counts.size === 2)
})

/** Waits until connections of one address are answered as they should be. */
async function untilAnswers(
  port: number,
  isRight: (counts: Map<string, number>) => boolean,
): Promise<void> {
  let counts = new Map<string, number>()
  await until(
    async () => {
      counts = await countAnswers({ port }, 200)
      return isRight(counts)
    },
    () => JSON.stringify([...counts]),
  )
}
