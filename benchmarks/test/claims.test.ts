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

test('what is reached holds, with its interval', () => {
  const [claim, ...none] = throughput([190, 192, 194], [100, 100, 100])
  assert.deepEqual(none, [])
  assert.equal(claim?.holds, true)
  assert.equal(claim?.wanted, '≥ 1.9')
  assert.deepEqual(claim?.ratio, { value: 1.92, low: 1.9, high: 1.94, rounds: 3 })
})

test('what is not reached does not, however near', () => {
  const [claim] = throughput([188, 189, 190], [100, 100, 100])
  assert.equal(claim?.holds, false)
})

test('a case that no claim is of has none', () => {
  assert.deepEqual(throughput([1], [1], { ...cpuCase, handler: 'hello' }), [])
})

test('beside its like it holds until less is shown', () => {
  const beside = (reuse: number[]) =>
    claimsOf(
      report('connections', {}, [
        { side: '@reuse', ...requests, samples: reuse },
        { side: 'Node reusePort', ...requests, samples: [100, 100, 100] },
      ]),
    ).map(({ holds }) => holds)
  assert.deepEqual(beside([97, 99, 101]), [true])
  assert.deepEqual(beside([97, 98, 99]), [false])
})

test('of what it costs, less is wanted', () => {
  const cost = (reuse: number) =>
    claimsOf(
      report('cost', { connections: 'new' }, [
        { side: '@reuse', ...cpu, samples: [reuse] },
        { side: 'node:cluster RR', ...cpu, samples: [10] },
      ]),
    ).map(({ holds }) => holds)
  assert.deepEqual([cost(6), cost(6.1)], [[true], [false]])
})
