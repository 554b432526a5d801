/** An orphan that nobody takes leaves the group, and no connection is lost by it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Fixture, needs, type StormReport, startNode, startStorm } from '@reuse/testkit'
import { type LeaveReport, peers } from '../src/index.js'
import { groupKey, lockNames } from '../src/inspect/member-names.js'
import { native } from '../src/socket/native.js'
import { until } from './listening.js'
import { fixtureFile, startMember } from './programs.js'
import { connectTo } from './raw-member.js'
import {
  adopterOf,
  ask,
  assertHealthy,
  countsIn,
  inodesOf,
  isPaused,
  keepOrphans,
  kill,
  namesOf,
  orphansOf,
  pause,
  peerOf,
  temporaryFile,
  untilAllHold,
  wake,
} from './waiting.js'

const needsRetiring = needs('holders', 'steering')

/** A member, and where it notes its connections. */
interface Noted {
  member: Fixture
  counts: string
}

/** Starts a group and kills one of its members. */
async function startWithOrphan(t: TestContext, size: number, reuse = {}) {
  const all: Noted[] = []
  let port = 0
  for (let i = 0; i < size; i++) {
    const counts = temporaryFile(t)
    const member = startMember(t, { port, counts, reuse })
    port = (await member.hear<net.AddressInfo>('ready')).port
    all.push({ member, counts })
  }
  const members = all.map(({ member }) => member)
  await untilAllHold(port, members)
  const [victim] = members
  const name = namesOf(port).find(({ pid }) => pid === victim?.pid)
  assert.ok(victim && name)
  await kill(victim)
  await until(async () => (await orphansOf(port)).length === 1)
  return { port, orphan: name.inode, noted: all.slice(1), members: members.slice(1) }
}

/** Whether a member is taking an orphan out of the group. */
function isRetiring(port: number): boolean {
  const key = groupKey('tcp', { address: '127.0.0.1', family: 4, port, ipv6Only: false })
  const [name = ''] = lockNames(`${key}/retire`, 1)
  return fs.readFileSync('/proc/net/unix', 'latin1').includes(`@${name}\n`)
}

function failuresOf({ failed }: StormReport): number {
  return Object.values(failed).reduce((sum, count) => sum + count, 0)
}

test('an orphan leaves the group under a storm, and nothing fails', needsRetiring, async (t) => {
  const { port, orphan, members } = await startWithOrphan(t, 3)
  const storm = await startStorm(t, { port })
  assert.ok(inodesOf(port).includes(orphan))
  await until(() => !inodesOf(port).includes(orphan))
  assert.equal(inodesOf(port).length, 2)
  for (const member of members) await member.ask('served')
  const report = await storm.stop()
  assert.ok(report.answered > 0)
  assert.deepEqual(report.failed, {})
  assertHealthy(members)
})

test(
  'an orphan being retired is announced to members and offered to nobody',
  needsRetiring,
  async (t) => {
    const { port, orphan } = await startWithOrphan(t, 2)
    const [name] = namesOf(port)
    assert.ok(name)
    const other = connectTo(t, name)
    other.say('hello 4000000000.1.a -1 0 h 0 any')
    assert.match(await other.hear(), /^hello /)

    const ask = async (): Promise<string> => {
      const joiner = connectTo(t, name)
      joiner.say('take')
      return joiner.hear()
    }
    const said: string[] = []
    const hearUntil = async (text: string): Promise<void> => {
      while (said.at(-1) !== text) said.push(await other.hear())
    }
    /** The member reads messages in order: when it answers a question, it has read what was said before. */
    const untilRead = (number: number): Promise<void> => {
      other.say(`wanted ${orphan}.${number}.a`)
      return hearUntil(`held ${orphan}.${number}.a`)
    }
    // A member that has not said that it retires the orphan does not take it from others.
    other.say(`retired ${orphan}`)
    await untilRead(1)
    assert.equal((await orphansOf(port)).length, 1)

    other.say(`retiring ${orphan}`)
    await untilRead(2)
    assert.equal(await ask(), 'none')
    other.say(`kept ${orphan}`)
    await until(async () => (await ask()) === `orphan ${orphan}`)

    await hearUntil(`retired ${orphan}`)
    assert.deepEqual(
      said.filter((text) => text.endsWith(` ${orphan}`) && !text.startsWith('orphan')),
      [`offered ${orphan}`, `retiring ${orphan}`, `retired ${orphan}`],
    )
  },
)

test('an orphan is not retired while another process has the lock', needsRetiring, async (t) => {
  const { port, orphan } = await startWithOrphan(t, 2)
  const letGo = keepOrphans(t, port)
  await setTimeout(6500) // It would go after five seconds.
  assert.ok(inodesOf(port).includes(orphan))
  letGo()
  await until(() => !inodesOf(port).includes(orphan))
})

test(
  'when the member that retires an orphan is killed, another retires it',
  needsRetiring,
  async (t) => {
    // A handshake that has not ended prolongs the retirement: a listener that defers its accepts waits
    // for the first data.
    const { port, orphan, noted, members } = await startWithOrphan(t, 4, { deferAccept: 20 })
    const silent = net.connect(port, '127.0.0.1')
    t.after(() => silent.destroy())
    await once(silent, 'connect')
    assert.equal(native.listHandshakes(4, port).length, 1)
    const storm = await startStorm(t, { port })
    await until(() => isRetiring(port))
    const retirer = noted.find(({ member }) => member === adopterOf(orphan, namesOf(port), members))
    assert.ok(retirer)
    await pause(retirer.member)
    assert.ok(isRetiring(port), 'it is in the middle of it')
    assert.ok(inodesOf(port).includes(orphan))
    await kill(retirer.member)
    silent.resetAndDestroy()
    const others = members.filter((member) => member !== retirer.member)
    // The retirer's own listener is now an orphan, too.
    assert.equal(inodesOf(port).length, 4)
    await until(() => inodesOf(port).length === 2)
    for (const member of others) await member.ask('served')
    const report = await storm.stop()
    const { open } = countsIn(retirer.counts)
    const failures = failuresOf(report)
    assert.ok(failures <= open + 1, `${JSON.stringify(report)}, ${open} were open`)
    assertHealthy(others)
  },
)

for (const who of ['another member', 'the member that would retire it'] as const) {
  test(`an orphan leaves the group while ${who} is stopped`, needsRetiring, async (t) => {
    const { port, orphan, members } = await startWithOrphan(t, 4)
    const adopter = adopterOf(orphan, namesOf(port), members)
    const stopped = who === 'another member' ? members.find((one) => one !== adopter) : adopter
    assert.ok(stopped)
    const storm = await startStorm(t, { port })
    await pause(stopped)
    await until(() => !inodesOf(port).includes(orphan))
    assert.equal(inodesOf(port).length, 3)
    assert.ok(isPaused(stopped))
    wake(stopped)
    await stopped.ask('served')
    const report = await storm.stop()
    assert.deepEqual(report.failed, {})
    await until(async () => (await peerOf(port, stopped)).holders.length === 2)
    await untilAllHold(port, members)
    assertHealthy(members)
  })
}

/** A member whose child process serves its listener too. */
async function startSender(t: TestContext) {
  const sender = startNode(t, fixtureFile('sender.js'), { args: [JSON.stringify({ port: 0 })] })
  const { port, child } = await sender.hear<{ port: number; child: number }>('ready')
  const [inode] = inodesOf(port)
  assert.ok(inode !== undefined)
  return { sender, port, child, inode }
}

/** Requests are answered by this process, too. */
async function untilAnsweredBy(pid: number, port: number): Promise<void> {
  await until(async () => (await ask(port)) === String(pid))
}

test('a listener that a child process still serves is not retired', needsRetiring, async (t) => {
  const { sender, port, child, inode } = await startSender(t)
  const [staying, victim] = [startMember(t, { port }), startMember(t, { port })]
  await Promise.all([staying.hear('ready'), victim.hear('ready')])
  await untilAllHold(port, [sender, staying, victim])
  const name = namesOf(port).find(({ pid }) => pid === victim.pid)
  assert.ok(name)

  await kill(victim)
  await sender.ask('leave')
  assert.equal((await peers({ port })).find((peer) => peer.pid === child)?.orphan, false)
  await until(() => !inodesOf(port).includes(name.inode))
  await setTimeout(2000) // Its turn is at most half a second later.
  assert.ok(inodesOf(port).includes(inode))
  await untilAnsweredBy(child, port)
  await untilAnsweredBy(staying.pid, port)
})

test('a child’s listener is not retired where only strangers stay', needsRetiring, async (t) => {
  const { sender, port, child, inode } = await startSender(t)
  const stranger = startMember(t, { port, bare: true })
  await stranger.hear('ready')
  const { lossless, successors } = await sender.ask<LeaveReport>('leave')
  assert.deepEqual({ lossless, successors }, { lossless: true, successors: 1 })
  assert.ok(inodesOf(port).includes(inode))
  await untilAnsweredBy(child, port)
})
