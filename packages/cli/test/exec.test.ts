/** `reuse exec`: what it changes about a program, and what it leaves as it is. */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import net from 'node:net'
import { constants } from 'node:os'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { peers } from '@reuse/core'
import { countAnswers, freePort, request, startFixture } from '@reuse/testkit'
import {
  hasMember,
  launcherFile,
  listen,
  python,
  refusing,
  runExec,
  server,
  startExec,
  untilAnswers,
  untilListeners,
  untilState,
} from './exec-programs.js'
import {
  command,
  needsOtherUser,
  needsPython,
  otherUser,
  reuse,
  terminalDriver,
} from './programs.js'

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

for (const mechanism of ['seccomp', 'preload']) {
  const options = ['--mechanism', mechanism]

  test(`${mechanism}: two programs share the connections of a port`, needsPython, async (t) => {
    const port = await freePort()
    const programs = [1, 2].map(() => startExec(t, options, python(server, port)))
    const pids = await Promise.all(programs.map((program) => program.hear<number>('ready')))
    const answers = await countAnswers({ port }, 100)
    assert.deepEqual([...answers.keys()].sort(), pids.map(String).sort())
  })

  test(`${mechanism}: --port limits sharing to the named ports`, needsPython, async (t) => {
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

  test(`${mechanism}: --map and --address redirect a bind`, needsPython, async (t) => {
    const [from, to] = [await freePort(), await freePort()]
    const moved = [...options, '--map', `${from}=${to}`, '--address', '127.0.0.2']
    const program = startExec(t, moved, python(server, from))
    const pid = await program.hear<number>('ready')
    assert.equal(await request({ port: to, host: '127.0.0.2' }), String(pid))
    await assert.rejects(request({ port: from }), { code: 'ECONNREFUSED' })
  })

  test(`${mechanism}: dual-stack, IPv6 and UDP sockets are shared`, needsPython, async (t) => {
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

  test(`${mechanism}: MPTCP sockets, as Go uses them, are shared`, needsMultipath, async (t) => {
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

  test(`${mechanism}: connections come from the --source-address`, needsPython, async (t) => {
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

  test(`${mechanism}: --source-address applies to dual-stack sockets`, needsPython, async (t) => {
    const listener = net.createServer().listen(0, '127.0.0.1')
    t.after(() => listener.close())
    await once(listener, 'listening')
    const { port } = listener.address() as net.AddressInfo
    const client = `client = socket.socket(socket.AF_INET6)
client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
client.connect(("::ffff:127.0.0.1", int(sys.argv[1])))
client.recv(1)`
    // An IPv6 source address applies only to connections to IPv6 addresses.
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

  test(`${mechanism}: child processes of the program share too`, needsPython, async (t) => {
    const port = await freePort()
    const nested = ['sh', '-c', '"$@" & wait', 'sh', ...python(server, port)]
    for (let count = 0; count < 2; count++) {
      const pid = await startExec(t, options, nested).hear<number>('ready')
      t.after(() => process.kill(pid, 'SIGKILL')) // Ending the shell does not end it.
    }
    await untilListeners(port, 2)
  })

  test(`${mechanism}: a bind to port 0 is not shared`, needsPython, async (t) => {
    const program = `${listen}
ports = [listen(0).getsockname()[1] for _ in range(20)]
shared = [socket.socket().getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)]
listener = listen(0)
say("ready", listener.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT))`
    assert.equal(await startExec(t, options, python(program)).hear('ready'), 0)
  })
}

test(
  '--address of the other IP family leaves a bind unchanged, with a message',
  needsPython,
  async (t) => {
    const port = await freePort()
    const program = startExec(t, ['--address', '::1'], python(server, port))
    const pid = await program.hear<number>('ready')
    assert.equal(await request({ port }), String(pid))
    assert.match(program.output, new RegExp(`port ${port} with an IPv4 socket, which cannot have`))
  },
)

test('stdio, environment and exit code are those of the program', needsPython, async () => {
  const { status, stdout, stderr } = await runExec(
    [],
    ['sh', '-c', 'cat; echo "$COLOUR" >&2; exit 7'],
    { input: 'in\n', env: { COLOUR: 'blue' } },
  )
  assert.deepEqual({ status, stdout, stderr }, { status: 7, stdout: 'in\n', stderr: 'blue\n' })
})

test('closing stdout in the program ends the pipe for its reader', needsReplacing, async (t) => {
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

test('reuse exec ends by the signal that ended the program', needsPython, async (t) => {
  const program = startExec(t, [], ['sh', '-c', 'kill -USR1 $$'])
  assert.deepEqual(await program.exit(), { code: null, signal: 'SIGUSR1' })
})

test('exit codes 126, 127 and 2 mean what they mean in a shell', needsPython, async () => {
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

test('a program that binds no port runs as usual', needsPython, async () => {
  const { status, stdout, stderr } = await runExec(['--verbose'], ['echo', 'done'])
  assert.equal(status, 0)
  assert.equal(stdout, 'done\n')
  assert.match(stderr, /^reuse exec: binds are shared by seccomp\n$/)
})

/** Binds a port, and prints whether it is shared. */
const binding = `${listen}
print(listen(int(sys.argv[1])).getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT) != 0)`

const refusals = [
  { refused: 'seccomp', reason: /seccomp user notification is refused: / },
  { refused: 'pidfd_getfd', reason: /sockets cannot be taken \(pidfd_getfd\): / },
] as const

for (const { refused, reason } of refusals) {
  test(`without ${refused} exec uses the preload library and says why`, needsPython, async () => {
    const program = python(binding, await freePort())
    const { status, stdout, stderr } = await runExec(['--verbose'], program, { refused: [refused] })
    assert.deepEqual({ status, stdout }, { status: 0, stdout: 'True\n' }, stderr)
    assert.match(stderr, /^reuse exec: binds are shared by a preload library, .*\n$/)
    assert.match(stderr, reason)
  })

  test(`without ${refused}, --mechanism seccomp does not start anything`, needsPython, async () => {
    const options = ['--mechanism', 'seccomp']
    const { status, stdout, stderr } = await runExec(options, ['echo', 'started'], {
      refused: [refused],
    })
    assert.deepEqual({ status, stdout }, { status: 3, stdout: '' }, stderr)
    assert.match(stderr, /^reuse exec: this system does not let .*\. --mechanism auto uses/)
  })

  test(`with neither ${refused} nor the library, nothing is started`, needsPython, async () => {
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

test('--verbose names the mechanism that was chosen', needsPython, async () => {
  const { stderr } = await runExec(['--verbose', '--mechanism', 'preload'], ['true'])
  assert.match(stderr, /^reuse exec: binds are shared by a preload library, .*: it was chosen\n$/)
})

test(
  'on kernels before Linux 5.19 a signal during a bind does not break the bind',
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

test('the error names another user’s program that holds the port', needsOtherUser, async (t) => {
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

test('the error names the holder of an unshared port and what to do', needsPython, async (t) => {
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

test('the holder of a port is named once, however often a bind fails', needsPython, async (t) => {
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

test('in a terminal, Ctrl-Z, Ctrl-C and input reach the program', needsPython, async (t) => {
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
  // A shell with job control, as an interactive one has it.
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
  await untilState(pid, 'S') // The shell has resumed it.
  terminal.tell('type', '\u0003')
  // The signal has come once, although the launcher has got it too.
  assert.equal(await terminal.hear('interrupted'), 1)
  assert.equal(await terminal.hear('ended'), 4)
})

test(
  'a program that drops root still shares a port, but gets no privileged one',
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
  'a bind of a program with fewer rights is not moved, however many groups it is in',
  needsOtherUser,
  async (t) => {
    const [from, to] = [await freePort(), await freePort()]
    const dropping = `${listen}
import ctypes
version_3, none = (ctypes.c_uint32 * 2)(0x20080522), (ctypes.c_uint32 * 6)()
if sys.argv[2] == "drop": assert ctypes.CDLL(None).capset(version_3, none) == 0
say("port", listen(int(sys.argv[1])).getsockname()[1])`
    // With so many, the groups in /proc/PID/status alone are longer than a page.
    const member = 'os.setgroups(range(10_000, 11_000)); os.execvp(sys.argv[1], sys.argv[1:])'
    const exec = [process.execPath, command, 'exec', '--map', `${from}=${to}`, '--']
    const portOf = (action: string): Promise<number> => {
      const program = python(dropping, from, action)
      return startFixture(t, python(member, ...exec, ...program)).hear<number>('port')
    }
    assert.equal(await portOf('keep'), to)
    assert.equal(await portOf('drop'), from)
  },
)

test(
  'a warning names a setuid program, which runs without its owner’s rights',
  needsOtherUser,
  async () => {
    const { status, stderr } = await reuse(['exec', '--', 'su', '--version'], { uid: otherUser })
    assert.equal(status, 0)
    assert.match(stderr, /^reuse exec: su is setuid or setgid, and does not get the rights/)
  },
)

test('a port that a program may not bind is refused under exec too', needsOtherUser, async (t) => {
  // In its own user namespace the program has all capabilities, but none that count for the port.
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

test('a port outside --port forms no group, even with SO_REUSEPORT', needsPython, async (t) => {
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

test('weights and policies work if all programs run under reuse exec', needsPython, async (t) => {
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
