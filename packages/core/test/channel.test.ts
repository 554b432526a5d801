/** The members' channel, reached by broken members, and by busy and stopped ones. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAnswers, needs, request } from '@reuse/testkit'
import type { LeaveReport } from '../src/group/departure.js'
import { standingOf } from '../src/group/listeners.js'
import type { Peer } from '../src/index.js'
import {
  keyOf,
  nameOf,
  needsAttacker,
  openDescriptors,
  type Sent,
  startAttacker,
  startHoldingGroup,
} from './attacker.js'
import { until } from './listening.js'
import { prepareMember, startMember } from './programs.js'
import { keepOrphans, untilAllHold } from './waiting.js'

test('a connection that sends what no member sends is closed', needsAttacker, async (t) => {
  const { port, first, endpoint } = await startHoldingGroup(t, 1)
  const attacker = await startAttacker(t)
  const hello = 'hello ID -1 1 h 0 any'
  const ownHello = hello.replace('ID', nameOf(port, first.pid).id)
  // So that the test can fail: what a member would say is answered, and the connection stays open.
  const good = await attacker.ask<Sent>('send', {
    name: endpoint,
    messages: [hello],
    after: 'wait',
  })
  assert.equal(good.ended, false)
  assert.match(good.received[0] ?? '', /^hello /)
  const bad = ['', ' ', 'hello', 'hello ID', 'mark 1', '\0', 'HELLO', 'x'.repeat(40_000), ownHello]
  const early = ['holds', 'policy r 1', 'retired 7', 'orphan 7', 'none', 'done']
  const worse = [
    'policy h 1125899906842625',
    'retired 0',
    'arranged',
    'holds 1',
    hello,
    'about',
    'measure',
  ]
  for (const texts of [
    ...[...bad, ...early].map((text) => [text]),
    ...worse.map((text) => [hello, text]),
  ]) {
    const { ended } = await attacker.ask<Sent>('send', { name: endpoint, messages: texts })
    assert.equal(ended, true, JSON.stringify(texts).slice(0, 60))
  }
  await first.ask('accepted')
})

test(
  'a descriptor in a hello is held only if it is a listener of the group',
  needsAttacker,
  async (t) => {
    const { port, first, endpoint } = await startHoldingGroup(t, 1)
    const attacker = await startAttacker(t)
    const before = openDescriptors(first.pid)
    const answers: Record<string, boolean> = {}
    const cases = [
      ...['pipe', 'file', 'other port'].map((attach) => ({ attach, id: 'ID' })),
      { attach: 'listener', id: '1.1.a' },
      { attach: 'listener', id: 'ID' },
    ]
    for (const { attach, id } of cases) {
      const { received } = await attacker.ask<Sent>('send', {
        ...{ name: endpoint, messages: [`hello ${id} -1 1 h 0 any`], after: 'wait' },
        ...{ attach, port },
      })
      assert.match(received[0] ?? '', /^hello /)
      answers[`${attach} ${id}`] = received.includes('holds')
    }
    assert.deepEqual(answers, {
      ...{ 'pipe ID': false, 'file ID': false, 'other port ID': false },
      ...{ 'listener 1.1.a': false, 'listener ID': true },
    })
    await attacker.end('SIGKILL')
    await until(() => openDescriptors(first.pid) <= before + 1) // The listener that it holds.
  },
)

for (const attach of ['pipe', 'file', 'other port']) {
  for (const text of ['orphan INODE', 'orphan 1', 'no message']) {
    test(`a joiner ignores "${text}" with a non-listener: ${attach}`, needsAttacker, async (t) => {
      const { port, first, second } = await startHoldingGroup(t, 2)
      const attacker = await startAttacker(t)
      // This name is the first of those that are asked.
      await attacker.ask('answer', { name: `reuse/1/${keyOf(port)}/0.1.a`, text, attach })
      const joiner = await prepareMember(t, { port })
      keepOrphans(t, port)
      await second.end('SIGKILL')
      await until(async () => (await first.ask<Peer[]>('peers')).some(({ orphan }) => orphan))
      joiner.tell('listen')
      await attacker.hear('answered')
      const address = await joiner.hear<{ port: number }>('listen')
      assert.equal(address.port, port)
    })
  }
}

for (const after of ['close', 'close one half']) {
  test(`connections that end midway by "${after}" leak no descriptor`, needsAttacker, async (t) => {
    const { port, first, endpoint } = await startHoldingGroup(t, 1)
    const attacker = await startAttacker(t)
    const before = openDescriptors(first.pid)
    for (let i = 0; i < 100; i++) {
      const hello = 'hello ID -1 1 h 0 any'
      const texts = [
        [],
        ['take'],
        [hello],
        [hello, 'holds'],
        [hello, 'orphan 7'],
        [hello, 'held 7.1.a'],
      ]
      const messages = texts[i % texts.length] ?? []
      const at = messages.length - 1
      const attach = i % 4 < 3 && at >= 0 ? { attach: 'pipe', at } : {}
      await attacker.ask('send', { name: endpoint, messages, after, ...attach })
    }
    await until(() => openDescriptors(first.pid) <= before)
    await countAnswers({ port }, 10)
  })
}

const floods = {
  take: 'take',
  hello: 'hello 4000000000.N.a -1 1 h 0 any',
  policy: 'policy r N',
  arranged: `arranged plain N${' 0'.repeat(3000)}`,
  retired: 'retired N',
  balance: 'balance N.1.a 2',
  offered: 'offered N',
  about: 'about',
  measure: 'measure',
  steer: 'steer r',
}

for (const connections of [1, 100]) {
  test(`message floods block no member (connections: ${connections})`, needsAttacker, async (t) => {
    const { port, members, first, endpoint } = await startHoldingGroup(t, 2)
    for (const [what, message] of Object.entries(floods)) {
      const attacker = await startAttacker(t)
      attacker.tell('flood', { name: endpoint, message, connections })
      await attacker.hear('flooding')
      // The flood does not end: a member that reads all of it before it does anything else never answers.
      for (let turn = 0; turn < 5; turn++) {
        const start = performance.now()
        await first.ask('accepted')
        const took = performance.now() - start
        assert.ok(took < 3000, `${took} ms until the event loop had its turn: ${what}`)
      }
      await attacker.end('SIGKILL')
      await untilAllHold(port, members)
    }
    await countAnswers({ port }, 10)
  })
}

test('an index or order beyond any group is refused and does no harm', needsAttacker, async (t) => {
  const { port, first, endpoint } = await startHoldingGroup(t, 1)
  const attacker = await startAttacker(t)
  const order = `arranged plain 1${' 0'.repeat(16_376)}`
  for (const texts of [['hello ID 65535 1 h 0 any'], [order, 'hello ID -1 1 h 0 any']]) {
    const { received } = await attacker.ask<Sent>('send', {
      ...{ name: endpoint, messages: texts, after: 'wait' },
    })
    assert.equal(received[0] ?? '', '') // The first is refused, and its connection ended.
    const joiner = startMember(t, { port })
    await joiner.hear('ready')
    await until(async () => {
      const group = await first.ask<Peer[]>('peers')
      return group.some(({ self, holders }) => self && holders.includes(joiner.pid))
    })
    await joiner.end('SIGKILL')
  }
})

test('a policy dated far in the future does not separate the members', needsAttacker, async (t) => {
  const { port, first, second, endpoint } = await startHoldingGroup(t, 2)
  const attacker = await startAttacker(t)
  const messages = [`hello ID -1 1 r ${2 ** 50} any`]
  const { received } = await attacker.ask<Sent>('send', { name: endpoint, messages, after: 'wait' })
  assert.equal(received[0] ?? '', '') // It is refused, and its connection ended.
  await attacker.end('SIGKILL')
  for (const policy of ['hash', 'random', 'hash']) await first.ask('steer', policy)

  // The clock of the process that set a policy may be some minutes ahead: a later change still counts.
  const ahead = [`hello ID -1 1 r ${Date.now() + 600_000} any`]
  const other = await startAttacker(t)
  for (const { pid } of [first, second]) {
    const { name } = nameOf(port, pid)
    const sending = { name, messages: ahead, after: 'wait' }
    assert.match((await other.ask<Sent>('send', sending)).received[0] ?? '', /^hello /)
  }
  await first.ask('steer', 'source-address')
  for (const { pid } of [first, second]) {
    await until(async () => (await standingOf(nameOf(port, pid).name))?.policy === 'source-address')
  }
  await other.end('SIGKILL')
  const report = await second.ask<LeaveReport>('leave')
  assert.equal(report.successors, 1)
})

test('a false "retired" does not remove a live member’s listener', needsAttacker, async (t) => {
  const { port, first, second, endpoint } = await startHoldingGroup(t, 2)
  const attacker = await startAttacker(t)
  const { inode } = nameOf(port, second.pid)
  const messages = ['hello ID -1 1 h 0 any', `retiring ${inode}`, `retired ${inode}`]
  const { received } = await attacker.ask<Sent>('send', { name: endpoint, messages, after: 'wait' })
  assert.match(received[0] ?? '', /^hello /)
  await attacker.end('SIGKILL')
  const pids = [first, second].map(({ pid }) => String(pid))
  assert.deepEqual([...(await countAnswers({ port }, 60)).keys()].sort(), pids.sort())
  await untilAllHold(port, [first, second])
})

for (const how of ['busy', 'stopped']) {
  test(`a ${how} member does not hold up the others`, needs('holders', 'steering'), async (t) => {
    const { port, first, second, members } = await startHoldingGroup(t, 3)
    if (how === 'stopped') process.kill(second.pid, 'SIGSTOP')
    else await second.ask('block', 3000)
    const joiner = startMember(t, { port, reuse: { weight: 3 } })
    await joiner.hear('ready')
    for (let i = 0; i < 300; i++) await first.ask('steer', i % 2 ? 'random' : 'hash')
    await first.ask('steer', 'source-address')
    assert.equal((await joiner.ask<LeaveReport>('leave')).lossless, true)
    await members[2]?.ask('close')
    if (how === 'stopped') process.kill(second.pid, 'SIGCONT')
    await second.ask('accepted')
    // A member that has not read for so long is met again.
    await until(async () => {
      const group = await first.ask<Peer[]>('peers')
      const own = group.find(({ pid }) => pid === first.pid)
      const other = group.find(({ pid }) => pid === second.pid)
      return own?.holders[0] === second.pid && other?.holders[0] === first.pid
    })
    // It has heard all that was said meanwhile, or has met the others again.
    const { name } = nameOf(port, second.pid)
    await until(async () => (await standingOf(name))?.policy === 'source-address')
    await second.ask('steer', 'hash')
    assert.equal((await first.ask<LeaveReport>('leave')).lossless, true)
    assert.equal(await request({ port }), String(second.pid))
    assert.ok(members.every((member) => member.running))
  })
}

test(
  'a member that nobody can reach for a while is not taken for gone',
  needsAttacker,
  async (t) => {
    const { port, first, second, members } = await startHoldingGroup(t, 3)
    const attacker = await startAttacker(t)
    process.kill(second.pid, 'SIGSTOP')
    // There is no room for another connection to this member, and its own ends when it has not read for long.
    await attacker.ask<number>('crowd', { name: nameOf(port, second.pid).name, count: 6000 })
    for (let i = 0; i < 400; i++) await first.ask('steer', i % 2 ? 'random' : 'hash')
    // A member that begins to listen would be given the listener of one that is gone.
    const joiner = startMember(t, { port })
    await joiner.hear('ready')
    assert.equal((await first.ask<Peer[]>('peers')).length, 4)
    process.kill(second.pid, 'SIGCONT')
    await attacker.end('SIGKILL')
    await untilAllHold(port, [...members, joiner])
    assert.ok(members.every((member) => member.running && member.output === ''))
  },
)
