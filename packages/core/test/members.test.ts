/** How a member handles its connections with others, in one process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:os'
import { type TestContext, test } from 'node:test'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { freePort, needs } from '@reuse/testkit'
import { Endpoint } from '../src/group/endpoint.js'
import { probeMember } from '../src/group/inquiry.js'
import type { ReuseOptions } from '../src/index.js'
import { memberName } from '../src/inspect/member-names.js'
import { native } from '../src/socket/native.js'
import { keyOf } from './attacker.js'
import { listening, sharedServer, until } from './listening.js'
import { connectTo, openDescriptors, type RawMember, rawMember } from './raw-member.js'
import { forever, namesOf } from './waiting.js'

const needsHolders = needs('holders')

const helloOf = (id: string): string => `hello ${id} -1 1 h 0 any`
/** The id of a socket that no group has; it comes after all others. */
const lastId = '9999999999.1.a'

/** A member in this process. */
async function startHere(t: TestContext, options: ReuseOptions = {}, at = 0) {
  const { server, member } = sharedServer(t, options)
  server.listen(at, '127.0.0.1')
  const port = await listening(server)
  const own = namesOf(port).find(({ id }) => id !== lastId)
  assert.ok(own)
  const meet = async (id = lastId): Promise<RawMember> => {
    const other = connectTo(t, own)
    other.say(helloOf(id))
    assert.match(await other.hear(), /^hello /)
    return other
  }
  return { port, server, member, own, meet }
}

test('a second connection from the same member replaces the first', needsHolders, async (t) => {
  const { meet } = await startHere(t)
  const first = await meet()
  const before = openDescriptors()
  const second = await meet()
  await first.end()
  second.say('wanted 1.1.a')
  // The other end of each is here too, and stays open until the end of the test.
  assert.equal(openDescriptors(), before + 1)
})

test(
  'when two members connect to each other, the connection of the first id stays',
  needsHolders,
  async (t) => {
    const port = await freePort()
    const endpoint = native.openEndpoint(memberName(keyOf(port), lastId))
    t.after(() => native.close(endpoint))
    const { own } = await startHere(t, {}, port)
    const accept = (): number | null => native.accept(endpoint)
    let other = rawMember(t, await until(accept))
    // A program that is about to listen first looks whether anybody is there.
    if ((await other.hear()) === '') {
      other = rawMember(t, await until(accept))
      assert.match(await other.hear(), /^hello /)
    }
    other.say(helloOf(lastId))
    await setTimeout(50)
    const before = openDescriptors()
    const late = connectTo(t, own)
    const listener = native.open('tcp', 4)
    late.say(helloOf(lastId), listener)
    native.close(listener)
    await late.end()
    // This end of the late connection, and nothing more.
    assert.equal(openDescriptors(), before + 1)
    other.say('wanted 1.1.a')
  },
)

test(
  'a closing server also ends connections that have said nothing yet',
  needsHolders,
  async (t) => {
    const { server, own } = await startHere(t)
    const silent = connectTo(t, own)
    await setTimeout(50)
    server.close()
    await silent.end()
  },
)

test('a member whose listener there is no room for hears "full"', needsHolders, async (t) => {
  const { meet } = await startHere(t)
  const warned = once(process, 'warning')
  const { receive } = native
  const received = t.mock.method(native, 'receive', (socket: number) => {
    const message = receive(socket)
    return message === null ? null : { ...message, cut: true }
  })
  const other = await meet()
  assert.equal(await other.hear(), 'full')
  const [warning] = await warned
  assert.equal(warning.code, 'REUSE_NO_DESCRIPTORS')
  received.mock.restore()
  await other.end()
})

test('a leave does not wait for a member that holds nothing', needsHolders, async (t) => {
  const { member, meet } = await startHere(t, { leaveTimeout: forever })
  const other = await meet()
  other.say('full')
  assert.equal((await member.leave()).successors, 0)
})

test('only a keeper changes what members weigh', needsHolders, async (t) => {
  const { port, own, meet } = await startHere(t)
  await startHere(t, {}, port)
  const attach = t.mock.method(native, 'attachFilter')
  const other = await meet()
  other.say(`balance ${own.id} 0.001`)
  await setTimeout(500)
  assert.equal(attach.mock.callCount(), 0)
})

test(
  'a member that does not answer gets one connection, not one per search',
  needsHolders,
  async (t) => {
    const port = await freePort()
    const name = memberName(keyOf(port), lastId)
    const endpoint = native.openEndpoint(name)
    t.after(() => native.close(endpoint))
    const connect = t.mock.method(native, 'connectEndpoint')
    await startHere(t, {}, port)
    await setTimeout(1000)
    const calls = connect.mock.calls.filter(({ arguments: [asked] }) => asked === name)
    // The program that was about to listen has looked as well.
    assert.ok(calls.length <= 2, `${calls.length}`)
  },
)

test(
  'no new connection is accepted while too many others wait to be closed',
  needsHolders,
  async (t) => {
    const name = `reuse/1/test/${process.pid}`
    let taken = 0
    const aside = t.mock.method(native, 'countAside', () => 16)
    const endpoint = new Endpoint(name, (connection) => {
      taken++
      connection.close()
    })
    t.after(() => endpoint.close())
    connectTo(t, { name })
    await setTimeout(200)
    assert.equal(taken, 0)
    aside.mock.restore()
    await until(() => taken === 1)
  },
)

test(
  'probeMember() keeps no descriptor or timer, and closes one that it is sent',
  needsHolders,
  async (t) => {
    const name = `reuse/1/test/${process.pid}/asked`
    const endpoint = native.openEndpoint(name)
    t.after(() => native.close(endpoint))
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
    const before = { descriptors: openDescriptors(), timers: timers() }
    const asking = probeMember(name, forever)
    const member = rawMember(t, await until(() => native.accept(endpoint)))
    assert.equal(await member.hear(), 'about')
    member.say(helloOf(lastId), endpoint)
    assert.equal(await asking, 'awake')
    assert.equal(openDescriptors(), before.descriptors + 1) // This end of the connection.
    assert.equal(timers(), before.timers)
  },
)

test(
  'probeMember() finds an answer that came while this event loop was blocked',
  needsHolders,
  async (t) => {
    const name = `reuse/1/test/${process.pid}/blocked`
    const endpoint = native.openEndpoint(name)
    t.after(() => native.close(endpoint))
    await setImmediate() // What follows is run right before timers, and these before what has arrived.
    const asking = probeMember(name, 50)
    const accepted = native.accept(endpoint)
    assert.ok(accepted)
    rawMember(t, accepted).say(helloOf(lastId))
    const end = performance.now() + 200
    while (performance.now() < end);
    assert.equal(await asking, 'awake')
  },
)

for (const code of ['EAGAIN', 'EMFILE'] as const) {
  test(`probeMember() tells a member that it cannot ask, ${code}, from a silent one`, async (t) => {
    t.mock.method(native, 'connectEndpoint', () => {
      throw Object.assign(new Error(code), { errno: constants.errno[code], syscall: 'connect' })
    })
    assert.equal(await probeMember(`reuse/1/test/${process.pid}/busy`, forever), 'busy')
  })
}
