import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headlineCharts } from '../../src/report/charts/headline.js'
import type { Measure, Scenario } from '../../src/report/index.js'
import { verdictOf } from '../../src/report/verdict.js'
import { around, measure, scenario } from './fixture.js'

function failures(side: string, count: number, occasion: string): Measure {
  const rest = { metric: `failed requests per ${occasion}`, unit: '', better: 'less' } as const
  return measure(side, Array<number>(8).fill(count), { ...rest, summary: 'mean' })
}

function latency(side: string, value: number): Measure {
  return measure(side, around(value), { metric: 'latency p99', unit: 'ms', better: 'less' })
}

const restart = scenario([], {
  name: 'restart',
  cases: [
    {
      name: 'loopback',
      parameters: { 'ms between client and server': 0 },
      measures: [failures('@reuse', 0, 'restart'), failures('other', 7, 'restart')],
    },
    {
      name: '5 ms each way (relay)',
      parameters: { 'ms between client and server': 10, 'restarts a round': 25 },
      measures: [
        failures('worse', 9, 'restart'),
        failures('other', 0, 'restart'),
        failures('@reuse', 0, 'restart'),
      ],
    },
  ],
})

const crash = scenario([], {
  name: 'crash',
  cases: [
    { name: 'a member', parameters: {}, measures: [failures('@reuse', 1, 'crash')] },
    {
      name: 'a blocked member',
      parameters: { queue: 100 },
      measures: [
        failures('@reuse', 1, 'crash'),
        failures('rescue: false', 90, 'crash'),
        failures('other', 100, 'crash'),
      ],
    },
  ],
})

const tail = scenario([latency('@reuse', 8), latency('worse', 400), latency('other', 4)], {
  name: 'tail',
})

/** @param other requests per second of the other side; @reuse has 1,900 and one process 1,000 */
function throughput(other: number): Scenario {
  const sides = { single: 1000, '@reuse': 1900, other, 'separate ports': 3000 }
  const measures = Object.entries(sides).map(([side, value]) => measure(side, around(value)))
  return scenario(measures, { ideal: 'separate ports', baseline: 'single' })
}

function textsOf(scenarios: readonly Scenario[]): Record<string, string> {
  return Object.fromEntries(verdictOf(scenarios).map(({ about, text }) => [about, text]))
}

test('a verdict has five sentences: restarts, crashes, tail, throughput and losses', () => {
  assert.deepEqual(textsOf([throughput(1880), tail, crash, restart]), {
    Restarts:
      'When the programs are restarted (5 ms each way, relay), the failed requests per restart are 0 with @reuse; 0 with other, 9 with worse (in 200 of each).',
    Crashes:
      'When a program is killed (a blocked member), the failed requests per crash are 1 with @reuse; 100 with other.',
    Tail: 'When one of the workers is slower than the others, the slowest request of a hundred takes 8.02 ms with @reuse; 4.01 ms with other, 401 ms with worse.',
    Equal:
      'Throughput is equal, as it should be: with @reuse the requests per second are 1.90 times those of a single; with the other ways, 1.88 times.',
    Losses:
      'Of 7 comparisons with other ways @reuse wins 5 and loses 1, with no difference in 1; its largest loss is 2.00 times the latency p99 of other (tail).',
  })
})

test('throughput that differs is not called equal', () => {
  const { Throughput } = textsOf([throughput(2200)])
  assert.match(
    Throughput ?? '',
    /^With @reuse the requests per second are 1\.90 .*; with the other ways, 2\.20 times/,
  )
  const [chart] = headlineCharts([throughput(2200)])
  assert.doesNotMatch(chart?.heading ?? '', /equal/)
})

test('a verdict omits what its report does not cover', () => {
  assert.deepEqual(Object.keys(textsOf([restart])), ['Restarts', 'Losses'])
  assert.match(textsOf([restart]).Losses ?? '', /loses none, .*; no loss is to another way/)
  assert.deepEqual(verdictOf([]), [])
  assert.deepEqual(verdictOf([scenario([])]), [])
})

test('a verdict says that there were too few rounds to tell', () => {
  const few = scenario([measure('@reuse', around(1, 3)), measure('other', around(2, 3))])
  assert.match(textsOf([few]).Losses ?? '', /wins none .* too few rounds to tell in 1;/)
})

test('the headline picture starts with differences, and names sides not measured', () => {
  const charts = headlineCharts([throughput(1880), tail, crash, restart])
  assert.deepEqual(
    charts.map(({ id, note }) => [id, note]),
    [
      ['restart', undefined],
      ['crash', 'Not measured in this case: worse'],
      ['tail', undefined],
      ['throughput', undefined],
    ],
  )
  assert.match(charts.at(-1)?.heading ?? '', /equal/)
})
