import assert from 'node:assert/strict'
import test from 'node:test'
import { groupView } from '../src/page-state.js'
import type { ProgramState } from '../src/program.js'
import { Recent } from '../src/recent.js'
import { describeOutcome, describeSharing } from '../src/sentence.js'
import { withReuse } from '../src/sides.js'
import { formatTable } from '../src/table.js'
import { Tally } from '../src/tally.js'
import { readTable } from './running-demo.js'

test('the tally counts each outcome once', () => {
  const tally = new Tally(['fastify', 'koa'])
  assert.deepEqual(tally.idle, ['fastify', 'koa'])
  tally.add({ program: 'koa', ms: 10 })
  tally.add({ program: 'koa', ms: 501 })
  for (const failure of ['connection reset', 'HTTP 503', 'connection reset']) tally.add({ failure })
  assert.equal(tally.of('koa'), 2)
  assert.equal(tally.answered, 2)
  assert.equal(tally.slow, 1)
  assert.equal(tally.failed, 3)
  assert.equal(tally.reasons, '2 × connection reset, 1 × HTTP 503')
  assert.deepEqual(tally.idle, ['fastify'])
})

test('an answer from an unknown program counts as a failure', () => {
  const tally = new Tally(['koa'])
  tally.add({ program: 'hapi', ms: 10 })
  assert.equal(tally.answered, 0)
  assert.equal(tally.failed, 1)
  assert.equal(tally.reasons, '1 × answered by hapi')
})

test('rates cover only the most recent time span', () => {
  const recent = new Recent(2_000, 0)
  for (const at of [0, 500, 900]) recent.add('koa', at)
  recent.add('express', 950)
  assert.deepEqual(Object.fromEntries(recent.rates(1_000)), { koa: 3, express: 1 })
  assert.deepEqual(Object.fromEntries(recent.rates(2_600)), { koa: 0.5, express: 0.5 })
  assert.deepEqual(Object.fromEntries(recent.rates(9_000)), {})
})

function shown(programs: { name: string; state: ProgramState; pid: number | null }[]) {
  return {
    side: withReuse,
    port: 3000,
    programs: programs.map((program) => ({ ...program, mishap: null })),
    rates: new Map([
      ['fastify', 30],
      ['koa', 10],
    ]),
    queues: new Map([[7, { length: 2, limit: 511 }]]),
  }
}

test('the page shows each program’s share of recent answers', () => {
  const tally = new Tally(['fastify', 'koa'])
  tally.add({ program: 'koa', ms: 10 })
  const group = shown([
    { name: 'fastify', state: 'running', pid: 7 },
    { name: 'koa', state: 'stalled', pid: 8 },
  ])
  const view = groupView(group, tally)
  assert.equal(view.perSecond, 40)
  assert.deepEqual(
    view.programs.map(({ share, answered, queue }) => ({ share, answered, queue })),
    [
      { share: 0.75, answered: 0, queue: { length: 2, limit: 511 } },
      { share: 0.25, answered: 1, queue: null },
    ],
  )
})

test('a program that is stopped or starting has no share of recent answers', () => {
  for (const state of ['stopped', 'starting'] as const) {
    const group = shown([
      { name: 'fastify', state: 'running', pid: 7 },
      { name: 'koa', state, pid: null },
    ])
    const { perSecond, programs } = groupView(group, new Tally(['fastify', 'koa']))
    assert.equal(perSecond, 30)
    assert.deepEqual(
      programs.map(({ share }) => share),
      [1, 0],
    )
  }
})

test('without any answer every share is 0', () => {
  const group = { ...shown([{ name: 'koa', state: 'running', pid: 7 }]), rates: new Map() }
  assert.equal(groupView(group, new Tally(['koa'])).programs[0]?.share, 0)
})

test('the sentence says how many programs share the port', () => {
  assert.match(describeSharing(3, 80), /^3 programs share port 80\. /)
  assert.match(describeSharing(1, 80), /^One program has port 80 to itself/)
  assert.match(describeSharing(0, 80), /^Nobody listens on port 80/)
})

test('the outcome says how many requests failed and how many were slow', () => {
  const tally = new Tally(['koa'])
  assert.equal(describeOutcome(tally), '0 of 0 requests failed; slower than half a second: 0.')
  tally.add({ program: 'koa', ms: 900 })
  tally.add({ failure: 'connection reset' })
  assert.equal(
    describeOutcome(tally),
    '1 of 2 requests failed (1 × connection reset); slower than half a second: 1.',
  )
})

test('the table shows a dash for an unknown queue', () => {
  const table = formatTable([
    { program: 'koa', pid: 7, requests: 1, queue: undefined },
    { program: 'express', pid: 8, requests: 3, queue: { length: 2, limit: 511 } },
  ])
  assert.deepEqual(readTable(table), [
    { program: 'koa', pid: 7, requests: 1, share: 25, queue: '-' },
    { program: 'express', pid: 8, requests: 3, share: 75, queue: '2 of 511' },
  ])
})
