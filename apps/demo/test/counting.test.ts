import assert from 'node:assert/strict'
import test from 'node:test'
import { pageState } from '../src/page-state.js'
import { Recent } from '../src/recent.js'
import { describeSharing } from '../src/sentence.js'
import { formatTable } from '../src/table.js'
import { Tally } from '../src/tally.js'
import { readTable } from './running-demo.js'

test('the tally counts each outcome once', () => {
  const tally = new Tally(['fastify', 'koa'])
  assert.deepEqual(tally.idle, ['fastify', 'koa'])
  tally.add({ program: 'koa' })
  tally.add({ program: 'koa' })
  tally.add({ failure: 'connection reset' })
  assert.equal(tally.of('koa'), 2)
  assert.equal(tally.answered, 2)
  assert.equal(tally.failed, 1)
  assert.equal(tally.lastFailure, 'connection reset')
  assert.deepEqual(tally.idle, ['fastify'])
})

test('an answer of a program that is not ours is a failure', () => {
  const tally = new Tally(['koa'])
  tally.add({ program: 'hapi' })
  assert.equal(tally.answered, 0)
  assert.equal(tally.failed, 1)
  assert.equal(tally.lastFailure, 'answered by hapi')
})

test('rates are those of the last span', () => {
  const recent = new Recent(2_000, 0)
  for (const at of [0, 500, 900]) recent.add('koa', at)
  recent.add('express', 950)
  assert.deepEqual(Object.fromEntries(recent.rates(1_000)), { koa: 3, express: 1 })
  assert.deepEqual(Object.fromEntries(recent.rates(2_600)), { koa: 0.5, express: 0.5 })
  assert.deepEqual(Object.fromEntries(recent.rates(9_000)), {})
})

test('the page shows shares of what was answered lately', () => {
  const tally = new Tally(['fastify', 'koa'])
  tally.add({ program: 'koa' })
  const state = pageState({
    port: 3000,
    programs: [
      { name: 'fastify', state: 'running', mishap: null, pid: 7 },
      { name: 'koa', state: 'stopped', mishap: 'SIGKILL', pid: null },
    ],
    tally,
    rates: new Map([
      ['fastify', 30],
      ['koa', 10],
    ]),
    queues: new Map([[7, { length: 2, limit: 511 }]]),
  })
  assert.equal(state.perSecond, 40)
  assert.deepEqual(
    state.programs.map(({ share, answered, queue }) => ({ share, answered, queue })),
    [
      { share: 0.75, answered: 0, queue: { length: 2, limit: 511 } },
      { share: 0.25, answered: 1, queue: null },
    ],
  )
})

test('without any answer every share is 0', () => {
  const programs = [{ name: 'koa', state: 'running', mishap: null, pid: 7 } as const]
  const nothing = { rates: new Map(), queues: new Map(), tally: new Tally(['koa']) }
  const state = pageState({ port: 3000, programs, ...nothing })
  assert.equal(state.programs[0]?.share, 0)
})

test('the sentence says how many share', () => {
  assert.match(describeSharing(3, 80), /^3 programs share port 80\. /)
  assert.match(describeSharing(1, 80), /^One program has port 80 to itself/)
  assert.match(describeSharing(0, 80), /^Nobody listens on port 80/)
})

test('the table shows a dash for what is not known', () => {
  const table = formatTable([
    { program: 'koa', pid: 7, requests: 1, queue: undefined },
    { program: 'express', pid: 8, requests: 3, queue: { length: 2, limit: 511 } },
  ])
  assert.deepEqual(readTable(table), [
    { program: 'koa', pid: 7, requests: 1, share: 25, queue: '-' },
    { program: 'express', pid: 8, requests: 3, share: 75, queue: '2 of 511' },
  ])
})
