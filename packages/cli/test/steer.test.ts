/** `reuse steer`: who gets a port's new connections. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAnswers, freePort, needs, until } from '@reuse/testkit'
import { AppFolder, serverText } from './apps.js'
import {
  list,
  needsLinux,
  needsOtherUser,
  needsPython,
  otherUser,
  pause,
  reuse,
  startDatagramMember,
  startGroup,
  startMember,
  startStranger,
} from './programs.js'

/** How many members answer one client address. */
async function homes(port: number): Promise<number> {
  return (await countAnswers({ port, localAddress: '127.0.0.77' }, 60)).size
}

test('reuse steer changes the policy, and with it which member answers', needsLinux, async (t) => {
  const { port } = await startGroup(t, {}, {}, {})
  assert.ok((await homes(port)) > 1)
  const { status, stdout, stderr } = await reuse(['steer', port, 'source-address'])
  assert.deepEqual([status, stderr], [0, ''])
  assert.equal(stdout, `127.0.0.1:${port} (tcp) is now steered by source-address\n`)
  // A member that has not heard of the change may still take what waits at another, for some milliseconds.
  await until(async () => (await list(port)).every(({ policy }) => policy === 'source-address'))
  assert.equal(await homes(port), 1)
  await reuse(['steer', `127.0.0.1:${port}`, 'hash'])
  assert.ok((await homes(port)) > 1)
})

test('reuse steer --udp --json sets a payload policy', needsLinux, async (t) => {
  const { port } = await startDatagramMember(t)
  const steered = await reuse(['steer', '--udp', port, 'payload:4:8', '--json'])
  assert.equal(steered.status, 0)
  assert.deepEqual(JSON.parse(steered.stdout), [
    { protocol: 'udp', address: '127.0.0.1', port, result: 'steered' },
  ])
  // A member that is busy for too long does not answer.
  assert.equal(await until(async () => (await list('--udp', port))[0]?.policy), 'payload:4:8')
})

test('reuse steer changes all groups of a port, or one by address', needsLinux, async (t) => {
  const { port } = await startMember(t)
  await startMember(t, { ports: [port], host: '127.0.0.2' })
  const policies = async () => (await list(port)).map(({ policy }) => policy)
  assert.equal((await reuse(['steer', `127.0.0.2:${port}`, 'cpu'])).status, 0)
  await until(async () => (await policies()).join() === 'hash,cpu')
  assert.equal((await reuse(['steer', port, 'random'])).status, 0)
  await until(async () => (await policies()).join() === 'random,random')
})

test('reuse steer refuses a payload policy for TCP', needsLinux, async (t) => {
  const { port } = await startMember(t)
  const { status, stderr } = await reuse(['steer', port, 'payload:0:4'])
  assert.equal(status, 2)
  assert.match(stderr, /payload:0:4 is a policy for UDP.* Add --udp\.\n$/)
})

test('reuse steer fails for programs without @reuse and unused ports', needsPython, async (t) => {
  const { port, program } = await startStranger(t)
  const refused = await reuse(['steer', port, 'random'])
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /none of its programs uses @reuse/)
  await program.end('SIGKILL')
  const nobody = await reuse(['steer', port, 'random'])
  assert.equal(nobody.status, 1)
  assert.match(nobody.stderr, /no program listens on TCP port/)
})

test('reuse steer fails while all members of a group are suspended', needsLinux, async (t) => {
  const { program, port } = await startMember(t)
  await pause(program)
  const { status, stderr } = await reuse(['steer', port, 'random'])
  assert.equal(status, 1)
  assert.match(stderr, /none of its members answered.*kill -CONT/)
  process.kill(program.pid, 'SIGCONT')
  assert.equal((await reuse(['steer', port, 'random'])).status, 0)
})

test('reuse steer refuses another user’s group', needsOtherUser, async (t) => {
  const { port } = await startMember(t, { uid: otherUser })
  const { status, stderr } = await reuse(['steer', port, 'random'])
  assert.equal(status, 1)
  assert.match(stderr, /belongs to another user/)
  assert.equal((await reuse(['steer', port, 'random'], { uid: otherUser })).status, 0)
})

test('reuse run --steering sets the policy', needs('linux', 'holders', 'steering'), async (t) => {
  const folder = new AppFolder(t)
  const port = await freePort()
  folder.write('server.cjs', serverText(port))
  folder.run('-n', 2, '--steering', 'source-address', 'server.cjs')
  await folder.untilReady('server', 2)
  await until(async () => {
    const policies = (await list(port)).map(({ policy }) => policy)
    return policies.join() === 'source-address,source-address'
  })
  assert.equal(await homes(port), 1)
})
