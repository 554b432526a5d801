/** explain() tells the truth: each reason with real sockets. */
import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import net from 'node:net'
import os from 'node:os'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { countAnswers, freePort, needs, startNode } from '@reuse/testkit'
import { type Explanation, explain, type Peer, peers, ReuseError, setReuse } from '../src/index.js'
import { native } from '../src/socket/native.js'
import { setSharing } from '../src/socket/sharing.js'
import { bound, failure, listening, sharedServer } from './listening.js'
import { fixtureFile, permissionOptions, startGroup, startMember, startPython } from './programs.js'

const needsPeers = needs('peers')

/** The usual uid of nobody; root can become it. */
const nobody = 65534
const isRoot = process.getuid?.() === 0

/** A server of plain Node that ends with the test. */
async function plainServer(t: TestContext, options: net.ListenOptions): Promise<number> {
  const server = net.createServer().listen(options)
  t.after(() => server.close())
  return listening(server)
}

/** The error of a listen with plain Node. */
async function plainFailure(options: net.ListenOptions): Promise<Error> {
  return failure(net.createServer().listen(options))
}

/** The error of a listen that asks to share. */
async function sharedFailure(t: TestContext, options: net.ListenOptions): Promise<Error> {
  const { server } = sharedServer(t)
  server.listen(options)
  return failure(server)
}

function assertExplains(
  { summary, advice, ...explanation }: Explanation,
  expected: Pick<Explanation, 'reason' | 'shared'>,
  words: RegExp,
): void {
  const { reason, shared } = explanation
  assert.deepEqual({ reason, shared }, expected, summary)
  assert.match(summary, words)
  for (const text of [summary, advice]) assert.match(text, /^[^\n]+\.$/)
}

const notShared = { reason: 'not-shared', shared: false } as const

test(
  'not-shared: explain() names the holder from a @reuse error, a Node error or a port',
  needs('peers', 'python'),
  async (t) => {
    const python = startPython(t, 0)
    const { port } = await python.hear<{ port: number }>('ready')
    const where = { port, host: '127.0.0.1' }
    const who = new RegExp(`stranger\\.py \\(pid ${python.pid}, uid \\d+\\) holds.*does not share`)
    for (const subject of [
      await sharedFailure(t, where),
      await plainFailure(where),
      where,
      { port },
      port,
      String(port),
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      { ...(await plainFailure(where)) }, // As it arrives from another process.
      new Error('the program did not start', { cause: await plainFailure(where) }),
    ]) {
      const explanation = await explain(subject)
      assertExplains(explanation, notShared, who)
      assert.deepEqual(explanation.holders, await peers({ port }))
    }
  },
)

test('a failed listen’s hint is the summary and advice of explain()', needsPeers, async (t) => {
  const port = await plainServer(t, { port: 0, host: '127.0.0.1' })
  const error = await sharedFailure(t, { port, host: '127.0.0.1' })
  const { summary, advice } = await explain(error)
  assert.equal('hint' in error && error.hint, `${summary} ${advice}`)
  // Printing the message, or the whole error, shows it; and no cause that says less.
  assert.equal(error.message.split('\n')[1], `${summary} ${advice}`)
  assert.equal(error.stack?.split(`${summary} ${advice}`).length, 2)
  assert.equal(error.cause, undefined)
  assert.match(summary, new RegExp(`\\(this process, pid ${process.pid}, uid \\d+\\)`))
  assert.match(advice, /Close that socket first/)
})

test('shared: plain Node did not ask to share; a server that asks joins', needsPeers, async (t) => {
  const { port, members } = await startGroup(t, 2)
  const pids = members.map(({ pid }) => pid)
  const shared = { reason: 'shared', shared: true } as const
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const explanation = await explain(await plainFailure({ port, host }))
    assertExplains(explanation, shared, /with 1 more, holds .* shares it, but this bind did not/)
    assert.deepEqual(explanation.holders.map(({ pid }) => pid).sort(), pids.sort())
  }
  assertExplains(await explain({ port }), shared, /holds 127\.0\.0\.1:\d+ and shares it\.$/)
  assert.match((await explain({ port })).advice, /to join it/)
  const elsewhere = await explain({ port, host: '0.0.0.0' })
  assertExplains(elsewhere, shared, /holds 127\.0\.0\.1:\d+ and shares it\.$/)
  assert.match(elsewhere.advice, /a group of its own on 0\.0\.0\.0/)
  const { server } = sharedServer(t)
  server.listen(port, '127.0.0.1')
  await listening(server)
})

test('shared: explain() notices that a holder has since begun to share', needsPeers, async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1')
  t.after(() => server.close())
  const where = { port: await listening(server), host: '127.0.0.1' }
  const error = await sharedFailure(t, where)
  assertExplains(await explain(error), notShared, /does not share/)
  setReuse(server)
  assertExplains(await explain(error), { reason: 'shared', shared: true }, /now shares it/)
})

test(
  'explain() tells a wildcard, a specific and a dual-stack overlap apart',
  needsPeers,
  async (t) => {
    for (const [held, wanted, reason, words] of [
      [
        '0.0.0.0',
        '127.0.0.1',
        'wildcard-overlap',
        /holds 0\.0\.0\.0:\d+, which covers 127\.0\.0\.1,/,
      ],
      ['127.0.0.1', '0.0.0.0', 'specific-overlap', /holds 127\.0\.0\.1:\d+, a part of 0\.0\.0\.0:/],
      ['::', '::1', 'wildcard-overlap', /holds \[::\]:\d+, which covers ::1,/],
      ['::1', '::', 'specific-overlap', /holds \[::1\]:\d+, a part of \[::\]:/],
      ['::', '127.0.0.1', 'dual-stack-overlap', /holds \[::\]:\d+, which also covers IPv4,/],
      [
        '127.0.0.1',
        '::',
        'dual-stack-overlap',
        /which \[::\]:\d+ covers as well unless it is ipv6/,
      ],
      ['127.0.0.1', undefined, 'dual-stack-overlap', /which \[::\]:\d+ covers as well/],
    ] as const) {
      const holder = net.createServer().listen(0, held)
      const port = await listening(holder)
      const where = { port, ...(wanted && { host: wanted }) }
      const errors = [await sharedFailure(t, where), await plainFailure(where)]
      for (const subject of wanted === undefined ? errors : [...errors, where]) {
        assertExplains(await explain(subject), { reason, shared: false }, words)
      }
      holder.close()
    }
  },
)

test('explain() names the one of several holders that blocks the bind', needsPeers, async (t) => {
  const { port } = await startGroup(t, 2)
  const six = net.createServer().listen({ port, host: '::1' })
  t.after(() => six.close())
  await listening(six)
  const explanation = await explain(await sharedFailure(t, { port }))
  const expected = { reason: 'specific-overlap', shared: false } as const
  assertExplains(explanation, expected, /with 2 more, holds \[::1\]:\d+, a part of \[::\]/)
  assert.equal(explanation.holders.length, 3)
})

test('other-user: explain() names the uid of the user who has the port', needsPeers, async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const { port } = await startGroup(t, 1)
  const args = [JSON.stringify({ port, uid: nobody })]
  const explainer = startNode(t, fixtureFile('explainer.js'), { args })
  const expected = { reason: 'other-user', shared: false } as const
  for (const about of ['port', 'failed']) {
    const explanation = await explainer.hear<Explanation>(about)
    assertExplains(explanation, expected, /^A program of uid 0 holds 127\.0\.0\.1:\d+/)
    assert.match(explanation.advice, /Only sockets of one user.*uid 65534/)
  }
  const theirs = startMember(t, { port: 0, uid: nobody })
  const at = await theirs.hear<net.AddressInfo>('ready')
  assertExplains(await explain({ port: at.port }), expected, /uid 65534\) holds/)
})

test('exclusive: explain() says that this bind asked for the port alone', needsPeers, async (t) => {
  const { port } = await startGroup(t, 1)
  const { server } = sharedServer(t, { exclusive: true })
  server.listen(port, '127.0.0.1')
  const explanation = await explain(await failure(server))
  const words = /this bind asked for the port alone/
  assertExplains(explanation, { reason: 'exclusive', shared: true }, words)
})

test('free: explain() finds a port free, or free again since the error', needsPeers, async (t) => {
  const port = await freePort()
  const free = { reason: 'free', shared: null } as const
  const words = new RegExp(`No socket holds .*:${port}\\.`)
  for (const host of [undefined, '127.0.0.1', '::1', 'localhost']) {
    for (const protocol of ['tcp', 'udp'] as const) {
      assertExplains(await explain({ port, protocol, ...(host && { host }) }), free, words)
    }
  }
  const server = net.createServer().listen(port, '127.0.0.1')
  await listening(server)
  const where = { port, host: '127.0.0.1' }
  const errors = [await sharedFailure(t, where), await plainFailure(where)]
  server.close()
  await once(server, 'close')
  for (const error of errors) {
    assertExplains(await explain(error), free, words)
    assert.match((await explain(error)).advice, /try again/)
  }
})

test('no-listener: the port is the local port of an outgoing connection', needsPeers, async (t) => {
  const client = net.connect(await plainServer(t, { port: 0, host: '127.0.0.1' }), '127.0.0.1')
  t.after(() => client.destroy())
  await once(client, 'connect')
  assert.ok(client.localPort)
  const where = { port: client.localPort, host: '127.0.0.1' }
  const expected = { reason: 'no-listener', shared: false } as const
  for (const subject of [await sharedFailure(t, where), await plainFailure(where), where]) {
    assertExplains(await explain(subject), expected, /a socket that does not listen does/)
  }
})

test(
  'explain() takes a failed bind of a connection’s local port for TCP, not UDP',
  needsPeers,
  async (t) => {
    const port = await plainServer(t, { port: 0, host: '127.0.0.1' })
    const target = { port, host: '127.0.0.1', localPort: port, localAddress: '127.0.0.1' }
    const error = await failure(net.connect(target))
    assertExplains(await explain(error), notShared, /this process/)
  },
)

test('UDP: only a failed shared bind shows that a holder does not share', needsPeers, async (t) => {
  const holder = dgram.createSocket('udp4')
  t.after(() => holder.close())
  holder.bind(0, '127.0.0.1')
  const port = await bound(holder)
  const plain = dgram.createSocket('udp4').bind(port, '127.0.0.1')
  const held = { reason: 'held', shared: null } as const
  const asking = { port, host: '127.0.0.1', protocol: 'udp' } as const
  for (const subject of [await failure(plain), asking]) {
    assertExplains(await explain(subject), held, /does not say whether it shares the port/)
  }
  const joiner = dgram.createSocket('udp4')
  setReuse(joiner)
  joiner.bind(port, '127.0.0.1')
  assertExplains(await explain(await failure(joiner)), notShared, /this process/)
  for (const socket of [plain, joiner]) socket.close()
})

test('not-local-address: explain() says that the address is not on this machine', async (t) => {
  const where = { port: await freePort(), host: '192.0.2.1' }
  const expected = { reason: 'not-local-address', shared: null } as const
  for (const subject of [
    await sharedFailure(t, where),
    await plainFailure(where),
    where,
    { ...where, protocol: 'udp' },
  ]) {
    assertExplains(await explain(subject), expected, /192\.0\.2\.1 is not an address of this/)
  }
})

test('privileged-port: explain() says that this user may not bind it', needsPeers, async (t) => {
  if (!isRoot) return t.skip('only root can start a program of another user')
  const args = [JSON.stringify({ port: 81, uid: nobody })]
  const explainer = startNode(t, fixtureFile('explainer.js'), { args })
  const about = await explainer.hear<Explanation>('port')
  if (about.reason === 'free') return t.skip('this system lets every user bind every port')
  for (const explanation of [about, await explainer.hear<Explanation>('failed')]) {
    const expected = { reason: 'privileged-port', shared: null } as const
    assertExplains(explanation, expected, /may not bind port 81/)
  }
})

test(
  'forbidden: a port above 1023 that may not be bound is not called privileged',
  needsPeers,
  async (t) => {
    const bind = t.mock.method(native, 'bind', () => {
      throw Object.assign(new Error('bind'), { errno: os.constants.errno.EACCES, syscall: 'bind' })
    })
    const error = await sharedFailure(t, { port: 8080, host: '127.0.0.1' })
    bind.mock.restore()
    assert.match(
      error.message,
      /EACCES.*\nA security policy or a sandbox does not let this program/,
    )
    const explanation = await explain(error)
    assert.ok(explanation)
    assertExplains(explanation, { reason: 'forbidden', shared: null }, /bind port 8080/)
  },
)

test('explain() says what it can where the system does not list sockets', async (t) => {
  const port = await plainServer(t, { port: 0, host: '127.0.0.1' })
  const where = { port, host: '127.0.0.1' }
  const errors = [await sharedFailure(t, where), await plainFailure(where)]
  t.mock.method(native, 'list', () => {
    throw Object.assign(new Error('sock_diag'), { errno: 1, syscall: 'sock_diag' })
  })
  const [asked, plain] = await Promise.all(errors.map((error) => explain(error)))
  assert.ok(asked && plain)
  assertExplains(asked, { reason: 'held', shared: false }, /Another socket holds.*does not share/)
  assertExplains(
    plain,
    { reason: 'held', shared: null },
    /Another socket holds 127\.0\.0\.1:\d+\.$/,
  )
  assertExplains(await explain(where), { reason: 'held', shared: null }, /Another socket holds/)
  assertExplains(await explain({ port }), { reason: 'held', shared: null }, /Another socket/)
  const nowhere = { port: await freePort() }
  assertExplains(await explain(nowhere), { reason: 'free', shared: null }, /No socket holds/)
  const udp = await explain({ ...nowhere, protocol: 'udp' })
  assertExplains(udp, { reason: 'unknown', shared: null }, /does not say who holds/)
  for (const { holders } of [asked, plain, udp]) assert.deepEqual(holders, [])
})

test(
  'where /proc cannot be read, the error is still EADDRINUSE and says what is hidden',
  needsPeers,
  async (t) => {
    const { permission, network } = permissionOptions
    const root = fileURLToPath(new URL('../../../..', import.meta.url))
    const program = startNode(t, fixtureFile('without-proc.js'), {
      execArgv: [permission, `--allow-fs-read=${root}*`, '--allow-addons', ...network],
    })
    const said = await program.hear<Record<string, unknown> & { port: number; peers: Peer[] }>(
      'ready',
    )
    const { port, code, message, summary } = said
    assert.equal(code, 'EADDRINUSE')
    assert.match(String(message), /^listen EADDRINUSE: address already in use 127\.0\.0\.1:\d+\n/)
    const who = `A program of uid ${process.geteuid?.()} that is not visible in /proc`
    assert.equal(summary, `${who} holds 127.0.0.1:${port} and does not share it.`)
    assert.deepEqual(
      said.peers.map(({ pid, program }) => ({ pid, program })),
      [{ pid: null, program: null }],
    )
  },
)

test('refused: explain() repeats what a ReuseError says', async () => {
  const error = new ReuseError('ERR_REUSE_UNSUPPORTED', 'it cannot be', { hint: 'Do that.' })
  assert.deepEqual(await explain(error), {
    summary: 'it cannot be.',
    reason: 'refused',
    advice: 'Do that.',
    shared: null,
    holders: [],
  })
})

test('unknown: explain() takes nothing else for the error of a bind', async (t) => {
  const port = await freePort()
  const looping = new Error('round')
  looping.cause = looping
  for (const subject of [
    undefined,
    null,
    'EADDRINUSE',
    {},
    [],
    explain,
    Symbol('EADDRINUSE'),
    looping,
    new Error(''),
    new Error('two\nlines.'),
    { code: 'EADDRINUSE' },
    { code: 'EADDRINUSE', syscall: 'listen', address: '/tmp/socket', port: -1 },
    { code: 'ENOSYS', syscall: 'listen', address: '::', port: 1 },
    { code: {}, port: 'x' },
    await failure(net.connect(port, '127.0.0.1')),
    await failure(net.createServer().listen('/nowhere/socket')),
  ]) {
    assertExplains(await explain(subject), { reason: 'unknown', shared: null }, /./)
  }
  t.diagnostic('and a port that makes no sense is misuse, as for peers()')
  await assert.rejects(explain({ port: 0 }), RangeError)
  await assert.rejects(explain(0), RangeError)
  await assert.rejects(explain({ port: 'http' }), /explain: option "port" must be an integer/)
  await assert.rejects(explain({ port, hots: 'x' }), /did you mean "host"\?/)
})

test(
  'a socket that probes whether a port is shared gets no connection and is no peer',
  needsPeers,
  async (t) => {
    const { port, members } = await startGroup(t, 2)
    const probe = native.open('tcp', 4)
    t.after(() => native.close(probe))
    setSharing(probe, 'tcp')
    native.bind(probe, '127.0.0.1', port) // It stays open, whereas explain() closes it at once.
    assert.equal((await peers({ port })).length, 2)
    const answers = await countAnswers({ port }, 200)
    assert.deepEqual([...answers.keys()].sort(), members.map(({ pid }) => String(pid)).sort())
  },
)
