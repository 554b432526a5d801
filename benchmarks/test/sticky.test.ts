import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { capabilities } from '@reuse/core'
import { stickyAmong } from '../src/scenarios/sticky.js'
import { Group } from '../src/sticky/group.js'
import { movedShare, sharesOf } from '../src/sticky/visit.js'
import { samplesOf, smallRun } from './small-run.js'

const [one, other, third] = [{}, {}, {}]

test('a client has moved if another member serves it, also after joins and leaves', () => {
  const before = new Map([
    [one, ['a', 'b']],
    [other, ['c', 'd']],
  ])
  assert.equal(movedShare(before, before), 0)
  const after = new Map([
    [third, ['d', 'a']],
    [one, ['b', 'c']],
  ])
  assert.equal(movedShare(before, after), 0.75)
})

test('a visit is refused if a client is missing or came twice', () => {
  const both = new Map([[one, ['a', 'b']]])
  assert.throws(() => movedShare(both, new Map([[one, ['a']]])), /2 clients came first, and then 1/)
  const twice = new Map([
    [one, ['a']],
    [other, ['a', 'b']],
  ])
  assert.throws(() => movedShare(twice, both), /client a came twice/)
})

test('member shares are given as multiples of a fair share, 0 for an idle member', () => {
  const visit = new Map([
    [one, ['a', 'b', 'c']],
    [other, ['d']],
  ])
  assert.deepEqual(sharesOf(visit), { busiest: 1.5, idlest: 0.5 })
  assert.equal(sharesOf(new Map([...visit, [third, []]])).idlest, 0)
})

const skip = capabilities.steering ? false : 'steering needs Linux'
const settings = { node: process.execPath, members: 2 }
const load = [100, 500] as const

test('every client is seen on each visit while members join and leave', { skip }, async () => {
  await using group = await Group.start({ ...settings, policy: 'hash' })
  const visits = [await group.visit(...load)]
  await group.join()
  visits.push(await group.visit(...load))
  await group.leave(0)
  visits.push(await group.visit(...load))
  assert.deepEqual(
    visits.map(({ size }) => size),
    [2, 3, 2],
  )
  for (const visit of visits) assert.equal([...visit.values()].flat().length, load[0])
  await assert.rejects(group.leave(2), /there is no member 2/)
})

test('with policy source-address, a client stays with its member', { skip }, async () => {
  await using group = await Group.start({ ...settings, policy: 'source-address' })
  // The group has its filter program when no more clients move.
  const deadline = AbortSignal.timeout(10_000)
  for (let [before, moved] = [await group.visit(...load), 1]; moved > 0; ) {
    await delay(50, undefined, { signal: deadline })
    const after = await group.visit(...load)
    moved = movedShare(before, after)
    before = after
  }
})

test('a small run compares source-address and kernel hash in every case', { skip }, async () => {
  const run = await smallRun(stickyAmong(2), { sides: [], rounds: 1, connections: 100, rate: 500 })
  assert.equal(run.cases.length, 3)
  for (const { name } of run.cases) {
    const moved = samplesOf(run, name, 'clients that moved')
    const [source = 100] = moved['@reuse source-address'] ?? []
    const [hash = 0] = moved['kernel hash'] ?? []
    assert.ok(source < hash && hash > 10, `${name}: ${source} % and ${hash} %`)
  }
})
