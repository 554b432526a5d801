/** What a member reports about its work to a process that is no member. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countAnswers, type Fixture, needs, startNode } from '@reuse/testkit'
import { keepGroup, listMemberNames, type MemberLoad, measureMember } from '../src/group.js'
import { keyOf, nameOf, needsAttacker, startAttacker, startHoldingGroup } from './attacker.js'
import { until } from './listening.js'
import { fixtureFile, startGroup } from './programs.js'
import { pause, wake } from './waiting.js'

const needsHolders = needs('holders')

/** How long an answer may take in the tests, in milliseconds. */
const patience = 30_000

async function loadOf(name: string): Promise<MemberLoad> {
  const load = await measureMember(name, patience)
  assert.ok(typeof load !== 'string', `${name} is ${load}`)
  return load
}

test('members tell how many connections each has accepted', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 3)
  const accepted = async ({ pid }: Fixture): Promise<number> =>
    (await loadOf(nameOf(port, pid).name)).accepted ?? -1
  assert.deepEqual(await Promise.all(members.map(accepted)), [0, 0, 0])
  const answers = await countAnswers({ port }, 60)
  const counts = await Promise.all(members.map(accepted))
  assert.deepEqual(
    counts,
    members.map(({ pid }) => answers.get(String(pid)) ?? 0),
  )
  assert.equal(
    counts.reduce((sum, one) => sum + one, 0),
    60,
  )
})

test('a member tells how late its event loop was', needsHolders, async (t) => {
  const { port, members } = await startGroup(t, 1)
  const [member] = members
  assert.ok(member)
  const { name } = nameOf(port, member.pid)
  // The first question starts the measurement: a member that is not asked does not pay for it.
  assert.equal((await loadOf(name)).delay, null)
  await until(async () => (await loadOf(name)).delay !== null)
  await until(async () => {
    await member.ask('block', 700)
    const { mean = 0, max = 0 } = (await loadOf(name)).delay ?? {}
    assert.ok(mean <= max, `${mean} of ${max}`)
    return max >= 500
  })
})

test('a UDP member reports null in place of accepted connections', needsHolders, async (t) => {
  const socket = startNode(t, fixtureFile('datagram-member.js'), {
    args: [JSON.stringify({ port: 0, address: '127.0.0.1' })],
  })
  const { port } = await socket.hear<{ port: number }>('ready')
  const name = listMemberNames().find((one) => one.pid === socket.pid && one.port === port)?.name
  assert.deepEqual(await loadOf(name ?? ''), { accepted: null, delay: null })
})

test(
  'a stopped member measures as "silent"; a dead one, a keeper or a fake as "gone"',
  needsAttacker,
  async (t) => {
    const { port, first, endpoint } = await startHoldingGroup(t, 1)
    await pause(first)
    assert.equal(await measureMember(endpoint, 50), 'silent')
    wake(first)
    assert.equal((await loadOf(endpoint)).accepted, 0)
    await first.end('SIGKILL')
    assert.equal(await measureMember(endpoint, patience), 'gone')

    const keeper = keepGroup(keyOf(port), { holdTimeout: patience })
    t.after(() => keeper.close())
    assert.equal(await measureMember(nameOf(port, process.pid).name, patience), 'gone')

    // A member of an older version, or a process that says what no member says.
    const attacker = await startAttacker(t)
    for (const text of ['no message', 'measured 1 1', 'hello 1.1.a -1 1 h 0 any']) {
      const fake = `reuse/1/${keyOf(port)}/0.1.${text.length}`
      await attacker.ask('answer', { name: fake, text, attach: 'pipe' })
      assert.equal(await measureMember(fake, patience), 'gone', text)
    }
  },
)
