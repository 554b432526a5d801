/** An orphan that nobody takes leaves the group, and no connection is lost by it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { type Fixture, needs, type StormReport, startStorm } from '@reuse/testkit'
import { groupKey, lockNames } from '../src/inspect/member-names.js'
import { native } from '../src/socket/native.js'
import { until } from './listening.js'
import { startMember } from './programs.js'
import { connectTo } from './raw-member.js'
import {
  adopterOf,
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

/** A group one of whose members has been killed, under a storm that began after that. */
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

/** Whether a member takes an orphan out of the group now. */
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
  'while one is taken out, the others know, and it is offered to nobody',
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
    /** The member reads one message after the other, and answers a question behind what was said. */
    const untilRead = (number: number): Promise<void> => {
      other.say(`wanted ${orphan}.${number}.a`)
      return hearUntil(`held ${orphan}.${number}.a`)
    }
    // Who has not said that it does it does not take it from others.
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

test('one at a time: who does not have the lock waits', needsRetiring, async (t) => {
  const { port, orphan } = await startWithOrphan(t, 2)
  const letGo = keepOrphans(t, port)
  await setTimeout(6500) // It goes after five seconds.
  assert.ok(inodesOf(port).includes(orphan))
  letGo()
  await until(() => !inodesOf(port).includes(orphan))
})

test(
  'the member that retires an orphan is killed in the middle of it',
  needsRetiring,
  async (t) => {
    // A handshake that is half way through keeps the way out open: a listener that defers its accepts
    // waits for the first data.
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
    // Its own listener is an orphan now too.
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
