/** Who serves what, as every member decides for itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Duty } from '../src/group/custody.js'
import {
  adopterOf,
  type DutyQuestion,
  dutyFor,
  type Server,
  watchedBy,
} from '../src/group/duties.js'

const own = { id: '1.1.a', weight: 1 }
const other = { id: '2.2.a', weight: 1 }
const owner = { id: '3.3.a', weight: 1 }

function duty(about: Partial<DutyQuestion>): Duty {
  const usual = { policy: 'hash', protocol: 'tcp', rescue: true, isAbsent: false } as const
  return dutyFor({ inode: 3, owner, servers: [own, other], ...usual, ...about })
}

const guarded = { kind: 'guarded', patience: 3 }
const held = { kind: 'held' }

test('an idle member takes half of what waits at a live one', () => {
  assert.deepEqual(duty({}), { kind: 'rescued', patience: 3, share: 0.5 })
  assert.deepEqual(duty({ rescue: false }), held)
  // Datagrams belong to the member that has the earlier ones.
  assert.deepEqual(duty({ protocol: 'udp' }), held)
})

test('a lighter member waits longer and takes less; a heavier one takes no more', () => {
  const canary = { id: own.id, weight: 0.01 }
  assert.deepEqual(duty({ servers: [canary, other] }), {
    kind: 'rescued',
    patience: 300,
    share: 0.01 / 1.01,
  })
  const heavy = { id: own.id, weight: 5 }
  assert.deepEqual(duty({ servers: [heavy, other] }), duty({}))
  assert.deepEqual(duty({ owner: { ...owner, weight: 0 } }), duty({}))
})

test('with source-address a member waits much longer before it rescues', () => {
  const policy = 'source-address'
  assert.deepEqual(duty({ policy }), { kind: 'rescued', patience: 1000, share: 1 })
  const canary = { id: own.id, weight: 0.1 }
  const ofCanary = { kind: 'rescued', patience: 10_000, share: 0.1 }
  assert.deepEqual(duty({ policy, servers: [canary, other] }), ofCanary)
})

test('with source-address an orphan is guarded with the same long patience', () => {
  const policy = 'source-address'
  const ofOrphan = [1, 2, 3, 4].map((inode) => duty({ policy, inode, owner: undefined }))
  assert.ok(ofOrphan.some(({ kind }) => kind === 'adopted'))
  for (const one of ofOrphan.filter(({ kind }) => kind !== 'adopted')) {
    assert.deepEqual(one, { kind: 'guarded', patience: 1000 })
  }
  assert.ok(ofOrphan.some(({ kind }) => kind === 'guarded'))
})

test('a member that does not answer is guarded, even for UDP or with `rescue: false`', () => {
  for (const about of [{}, { rescue: false }, { protocol: 'udp' as const }]) {
    assert.deepEqual(duty({ isAbsent: true, ...about }), guarded)
  }
})

test('a standby serves only when no other member does', () => {
  const standby = { id: own.id, weight: 0 }
  for (const about of [{}, { isAbsent: true }, { owner: undefined }]) {
    assert.deepEqual(duty({ servers: [standby, other], ...about }), held)
  }
  const alone = [standby, { ...other, weight: 0 }]
  assert.equal(duty({ servers: alone }).kind, 'rescued')
  assert.deepEqual(duty({ servers: alone, isAbsent: true }), guarded)
  assert.deepEqual(duty({ servers: [standby], owner: undefined }), { kind: 'adopted' })
})

test('an orphan has one adopter, and the others guard it', () => {
  const duties = (inode: number): string[] => {
    const ask = (servers: (typeof own)[]): string => duty({ inode, owner: undefined, servers }).kind
    return [ask([own, other]), ask([other, own])].sort()
  }
  for (let inode = 1; inode <= 100; inode++) assert.deepEqual(duties(inode), ['adopted', 'guarded'])
  assert.deepEqual(
    duty({ inode: 1, owner: undefined, servers: [own, other], rescue: false }).kind,
    adopterOf(1, [own, other]) === own.id ? 'adopted' : 'guarded',
  )
})

test('adopters are chosen by weight, alike in every member, and few orphans move', () => {
  const servers = [
    { id: 'light', weight: 1 },
    { id: 'heavy', weight: 3 },
    { id: 'standby', weight: 0 },
  ]
  const count = 4000
  const adopters = Array.from({ length: count }, (_, inode) => adopterOf(inode + 1, servers))
  const shareOf = (id: string): number => adopters.filter((one) => one === id).length / count
  assert.ok(Math.abs(shareOf('heavy') - 0.75) < 0.04, `${shareOf('heavy')}`)
  assert.equal(shareOf('standby'), 0)
  const reversed = [...servers].reverse()
  for (let inode = 1; inode <= 100; inode++) {
    assert.equal(adopterOf(inode, reversed), adopterOf(inode, servers))
  }
  // When a member is gone, the orphans that others have adopted stay where they are.
  const before = [...servers, { id: 'gone', weight: 2 }]
  for (let inode = 1; inode <= 100; inode++) {
    const adopter = adopterOf(inode, before)
    if (adopter !== 'gone') assert.equal(adopterOf(inode, servers), adopter)
  }
  assert.equal(adopterOf(1, [{ id: 'standby', weight: 0 }]), 'standby')
  assert.equal(adopterOf(1, []), undefined)
})

/** Who watches each member, by the id of that member. */
function watchersIn(servers: readonly Server[]): Map<string, string[]> {
  const watchers = new Map(servers.map(({ id }) => [id, [] as string[]]))
  for (const one of servers) {
    const others = servers.filter((other) => other !== one)
    for (const id of watchedBy([one, ...others])) watchers.get(id)?.push(one.id)
  }
  return watchers
}

const many = Array.from({ length: 64 }, (_, i) => ({ id: `${1000 + i}.${i}.a`, weight: 1 }))

test('all members watch each queue in a small group, and eight do in a large one', () => {
  for (const count of [1, 2, 9]) {
    for (const [id, watchers] of watchersIn(many.slice(0, count))) {
      assert.equal(watchers.length, count - 1)
      assert.ok(!watchers.includes(id))
    }
  }
  for (const [id, watchers] of watchersIn(many)) {
    assert.equal(watchers.length, 8)
    assert.ok(!watchers.includes(id))
    // Members watch not only those that were started just before or after them.
    const places = watchers.map((other) =>
      Math.abs(Number(other.slice(0, 4)) - Number(id.slice(0, 4))),
    )
    assert.ok(places.some((distance) => distance > 8))
  }
  assert.deepEqual(
    watchersIn([...many].reverse())
      .get('1007.7.a')
      ?.sort(),
    watchersIn(many).get('1007.7.a')?.sort(),
  )
})

test('standbys do not count among the eight that watch a queue, if others serve', () => {
  const half = many.map((server, index) => ({ ...server, weight: index % 2 }))
  const serving = new Set(half.filter(({ weight }) => weight > 0).map(({ id }) => id))
  for (const watchers of watchersIn(half).values()) {
    assert.equal(watchers.filter((id) => serving.has(id)).length, 8)
  }
  const none = many.map(({ id }) => ({ id, weight: 0 }))
  for (const watchers of watchersIn(none).values()) assert.equal(watchers.length, 8)
})
