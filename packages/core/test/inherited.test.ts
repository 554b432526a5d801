/** Listeners that come from systemd or a supervisor: LISTEN_FDS, LISTEN_PID, LISTEN_FDNAMES. */
import assert from 'node:assert/strict'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { countAnswers, type Fixture, needs, startFixture } from '@reuse/testkit'
import { peers } from '../src/index.js'
import { type Family, native, type Protocol } from '../src/socket/native.js'
import { until } from './listening.js'
import { fixtureFile } from './programs.js'

interface Passed {
  /** Descriptors of this process that the program gets as 3, 4, … */
  descriptors: number[]
  /** What LISTEN_FDS says; by default, how many there are. */
  listenFds?: string
  listenPid?: string
  listenFdNames?: string
}

/** A listener as systemd makes it: without the option that would let others bind beside it. */
function openListener(t: TestContext, address: string, protocol: Protocol = 'tcp', port = 0) {
  const family: Family = address.includes(':') ? 6 : 4
  const socket = native.open(protocol, family)
  t.after(() => native.close(socket))
  if (family === 6) native.setOption(socket, 'IPV6_V6ONLY', 0)
  native.bind(socket, address, port)
  if (protocol === 'tcp') native.listen(socket, 64)
  return { socket, port: native.getAddress(socket).port }
}

/** Starts a program with its listeners, as systemd does: the shell's pid is the program's own. */
function startWith(t: TestContext, passed: Passed, member: object): Fixture {
  const { descriptors, listenFds = String(descriptors.length), listenPid = '$$' } = passed
  const environment = `LISTEN_FDS=${listenFds} LISTEN_PID=${listenPid} LISTEN_FDNAMES=${passed.listenFdNames ?? ''}`
  const program = `exec "${process.execPath}" "${fixtureFile('inheritor.js').pathname}" "$1"`
  return startFixture(
    t,
    ['sh', '-c', `export ${environment}; ${program}`, 'sh', JSON.stringify(member)],
    { descriptors },
  )
}

test(
  'an inherited listener whose address matches is adopted, not bound anew',
  needs('descriptors', 'peers'),
  async (t) => {
    const { socket, port } = openListener(t, '127.0.0.1')
    const program = startWith(t, { descriptors: [socket], listenFdNames: 'web' }, { port })
    assert.equal((await program.hear<AddressInfo>('ready')).port, port)
    assert.deepEqual([...(await countAnswers({ port }, 20))], [[String(program.pid), 20]])
    assert.equal((await peers({ port })).length, 1) // The very socket, not one beside it.
  },
)

test('listen() without a host adopts any wildcard', needs('descriptors', 'peers'), async (t) => {
  for (const address of ['0.0.0.0', '::']) {
    const { socket, port } = openListener(t, address)
    const program = startWith(t, { descriptors: [socket] }, { port, host: undefined, any: true })
    assert.equal((await program.hear<AddressInfo>('ready')).address, address)
    assert.equal((await peers({ port })).length, 1)
    await program.end()
  }
})

test('the matching inherited listener is found', needs('descriptors', 'loopback'), async (t) => {
  const other = openListener(t, '127.0.0.2')
  const udp = openListener(t, '127.0.0.1', 'udp')
  const { socket, port } = openListener(t, '127.0.0.1')
  const descriptors = [other.socket, udp.socket, socket]
  const program = startWith(t, { descriptors }, { port })
  await program.hear('ready')
  assert.equal((await countAnswers({ port }, 5)).size, 1)
})

test('an inherited UDP socket is adopted as well', needs('descriptors', 'peers'), async (t) => {
  const { socket, port } = openListener(t, '127.0.0.1', 'udp')
  const program = startWith(t, { descriptors: [socket] }, { port, udp: true })
  assert.equal((await program.hear<AddressInfo>('ready')).port, port)
  assert.equal((await peers({ port, protocol: 'udp' })).length, 1)
})

test(
  'a server closes and listens again on its inherited listener',
  needs('descriptors'),
  async (t) => {
    const { socket, port } = openListener(t, '127.0.0.1')
    const program = startWith(t, { descriptors: [socket] }, { port })
    await program.hear('ready')
    await program.ask('again')
    assert.deepEqual([...(await countAnswers({ port }, 5))], [[String(program.pid), 5]])
  },
)

test('an address that no inherited listener has is bound anew', needs('descriptors'), async (t) => {
  const { socket } = openListener(t, '127.0.0.1')
  const program = startWith(t, { descriptors: [socket] }, { port: 0 })
  const { port } = await program.hear<AddressInfo>('ready')
  assert.deepEqual([...(await countAnswers({ port }, 5))], [[String(program.pid), 5]])
})

test('LISTEN_FDS meant for another process is ignored', needs('descriptors'), async (t) => {
  const { socket, port } = openListener(t, '127.0.0.1')
  const program = startWith(t, { descriptors: [socket], listenPid: '1' }, { port })
  assert.equal((await program.hear<NodeJS.ErrnoException>('failed')).code, 'EADDRINUSE')
})

test('a wrong LISTEN_FDS is an error that says what is wrong', needs('descriptors'), async (t) => {
  const { socket, port } = openListener(t, '127.0.0.1')
  const closed = { descriptors: [socket], listenFds: '25', listenFdNames: 'web:admin' }
  const missing = await startWith(t, closed, { port: 1 }).hear<{ code: string; message: string }>(
    'failed',
  )
  assert.equal(missing.code, 'ERR_REUSE_INHERITED')
  assert.match(missing.message, /LISTEN_FDS is 25, but descriptor \d+ \(".*"\) is closed/)

  const nonsense = { descriptors: [socket], listenFds: 'many' }
  const refused = await startWith(t, nonsense, { port }).hear<{ code: string; message: string }>(
    'failed',
  )
  assert.equal(refused.code, 'ERR_REUSE_INHERITED')
  assert.match(refused.message, /LISTEN_FDS is "many"/)
})

test(
  'child processes do not get the inherited listener',
  needs('descriptors', 'linux'),
  async (t) => {
    const { socket, port } = openListener(t, '127.0.0.1')
    const program = startWith(t, { descriptors: [socket] }, { port })
    await program.hear('ready')
    assert.deepEqual(await program.ask('childDescriptors'), [])
  },
)

test(
  'the error says when a listener was handed to a wrapper instead',
  needs('descriptors', 'peers'),
  async (t) => {
    const { socket, port } = openListener(t, '127.0.0.1')
    // The pid of a shell that does not become the program, as under `sh -c` and npm.
    const program = startWith(t, { descriptors: [socket], listenPid: '1' }, { port })
    const { code, hint } = await program.hear<{ code: string; hint: string }>('failed')
    assert.equal(code, 'EADDRINUSE')
    assert.match(hint, /to process 1, which has started this one.*exec/)
  },
)

test(
  'two programs on one inherited listener both serve, and one goes on alone',
  needs('descriptors', 'holders'),
  async (t) => {
    const { socket, port } = openListener(t, '127.0.0.1')
    const programs = [0, 1].map(() => startWith(t, { descriptors: [socket] }, { port }))
    for (const program of programs) await program.hear('ready')
    const served = new Set<string>()
    await until(async () => {
      for (const [answer] of await countAnswers({ port }, 50)) served.add(answer)
      return served.size === 2
    })
    const [first, second] = programs
    await first?.end('SIGKILL')
    assert.deepEqual([...(await countAnswers({ port }, 20)).keys()], [String(second?.pid)])
  },
)
