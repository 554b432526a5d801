import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimsOf } from '../src/harness/claims.js'
import type { Case, Measure, Report } from '../src/report/index.js'

const requests = { metric: 'requests per second', unit: '/s', better: 'more' } as const
const cpu = { metric: 'CPU time per 100,000 requests', unit: 's', better: 'less' } as const

function report(name: string, parameters: Case['parameters'], measures: Measure[]): Report {
  const scenario = { name, question: '?', settings: {}, skipped: [] }
  return {
    schema: 1,
    taken: '2026-01-01T00:00:00.000Z',
    command: 'npm run bench',
    machine: { system: 'Linux x64', kernel: '6', processor: 'one', processors: 2, memory: 1 },
    versions: {},
    scenarios: [{ ...scenario, cases: [{ name: 'case', parameters, measures }] }],
  }
}

const cpuCase = { handler: '1 ms of CPU', members: 2 }

function throughput(reuse: number[], single: number[], parameters: Case['parameters'] = cpuCase) {
  return claimsOf(
    report('throughput', parameters, [
      { side: '@reuse', ...requests, samples: reuse },
      { side: 'single listener', ...requests, samples: single },
    ]),
  )
}

/** As many rounds as are needed to tell. */
const rounds = (...samples: [number, number, number]): number[] => [...samples, ...samples]

const hundreds = rounds(100, 100, 100)

test('a claim holds if the ratio reaches its target, and shows the interval', () => {
  const [claim, ...none] = throughput(rounds(190, 192, 194), hundreds)
  assert.deepEqual(none, [])
  assert.equal(claim?.verdict, 'holds')
  assert.equal(claim?.wanted, '≥ 1.9')
  assert.equal(claim?.measured, '1.92 (1.90 to 1.94)')
  assert.match(claim?.what ?? '', /^throughput, case:\nrequests per second beside single listener$/)
})

test('a claim falls short if the ratio misses its target, however narrowly', () => {
  const [claim] = throughput(rounds(188, 189, 190), hundreds)
  assert.equal(claim?.verdict, 'fails')
})

test('three rounds are too few to tell whether a ratio holds', () => {
  const [claim] = throughput([190, 192, 194], [100, 100, 100])
  assert.equal(claim?.verdict, 'too few to tell')
})

test('a claim about @reuse is not judged by a variant of @reuse', () => {
  const measures = [
    { side: '@reuse run', ...requests, samples: rounds(190, 192, 194) },
    { side: 'single listener', ...requests, samples: hundreds },
  ]
  assert.deepEqual(claimsOf(report('throughput', cpuCase, measures)), [])
})

test('a case that no claim covers yields no claim', () => {
  assert.deepEqual(throughput([1], [1], { ...cpuCase, handler: 'hello' }), [])
})

test('a claim of parity can hold, fall short, or be too noisy to tell', () => {
  const beside = (reuse: number[]) =>
    claimsOf(
      report('connections', {}, [
        { side: '@reuse', ...requests, samples: reuse },
        { side: 'Node reusePort', ...requests, samples: hundreds },
      ]),
    ).map(({ verdict }) => verdict)
  assert.deepEqual(beside(rounds(97, 99, 101)), ['holds'])
  assert.deepEqual(beside(rounds(97, 98, 99)), ['fails'])
  // Noise is no evidence.
  assert.deepEqual(beside(rounds(80, 99, 130)), ['too few to tell'])
})

test('a claim about cost holds if the ratio is low enough', () => {
  const cost = (reuse: number) =>
    claimsOf(
      report('cost', { connections: 'new' }, [
        { side: '@reuse', ...cpu, samples: rounds(reuse, reuse, reuse) },
        { side: 'node:cluster RR', ...cpu, samples: rounds(10, 10, 10) },
      ]),
    ).map(({ verdict }) => verdict)
  assert.deepEqual([cost(6), cost(6.1)], [['holds'], ['fails']])
})

test('a claim of no failures needs 200 restarts, all without a failure', () => {
  const failed = { metric: 'failed requests per restart', unit: '', better: 'less' } as const
  const restarts = (samples: number[], aRound: number) =>
    claimsOf(
      report('restart', { 'restarts a round': aRound }, [
        { side: '@reuse', ...failed, summary: 'mean', samples },
        { side: 'Node reusePort', ...failed, summary: 'mean', samples: samples.map(() => 9) },
      ]),
    ).map(({ wanted, measured, verdict }) => ({ wanted, measured, verdict }))
  const wanted = '0 in 200 or more'
  assert.deepEqual(restarts([0, 0, 0, 0], 50), [{ wanted, measured: '0 in 200', verdict: 'holds' }])
  assert.deepEqual(restarts([0, 0], 99), [
    { wanted, measured: '0 in 198', verdict: 'too few to tell' },
  ])
  // One in 250, and one in 70, as a sample of six digits gives it.
  assert.deepEqual(restarts([0, 0.004, 0, 0], 250), [
    { wanted, measured: '1 in 1,000', verdict: 'fails' },
  ])
  assert.deepEqual(restarts([0, 0.0142857], 70), [
    { wanted, measured: '1 in 140', verdict: 'fails' },
  ])
})

test('a limit on a figure is checked for @reuse and its variants only', () => {
  const time = { metric: 'time from the kill to the first answer to one of them', unit: 'ms' }
  const measure = (side: string, sample: number): Measure => {
    return { side, ...time, better: 'less', samples: [sample, sample, 99] }
  }
  const claims = claimsOf(
    report('crash', { 'crashes a round': 8 }, [
      measure('@reuse', 20),
      measure('rescue: false', 21),
      measure('node:cluster NONE', 1),
    ]),
  )
  assert.deepEqual(
    claims.map(({ measured, verdict }) => [measured, verdict]),
    [
      ['20 ms', 'holds'],
      ['21 ms', 'fails'],
    ],
  )
  assert.match(claims[1]?.what ?? '', / with rescue: false$/)
})
