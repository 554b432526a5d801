/** A small load scenario from its start to its report; also with a side that fails. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Progress, Settings } from '../src/harness/benchmark.js'
import { formatScenario } from '../src/harness/format-scenario.js'
import { loadBenchmark } from '../src/harness/load-benchmark.js'
import { requestsPerSecond } from '../src/harness/trial-metrics.js'
import { thisNode } from '../src/node-version.js'
import { checkReport } from '../src/report/index.js'
import { reuse } from '../src/sides/reuse.js'
import type { Side } from '../src/sides/side.js'
import { single } from '../src/sides/single.js'
import { report } from './report/fixture.js'

const small = loadBenchmark({
  name: 'small',
  question: 'Does it work?',
  rounds: 6,
  seconds: 0.2,
  cases: () =>
    (['kept', 'new'] as const).map((connections) => ({
      name: connections,
      ...{ framework: 'http', handler: 'hello', members: 2, connections, clients: 4 },
    })),
  metrics: [requestsPerSecond],
})

const broken: Side = {
  ...single,
  name: 'broken',
  title: 'a broken side',
  start: async () => {
    throw new Error('it does not start')
  },
}
const absent: Side = { ...broken, title: 'an absent side', unavailable: () => 'it is not there' }

const settings: Settings = {
  node: thisNode,
  full: false,
  sides: [single, broken, reuse, absent],
  rounds: 2,
}

interface Told extends Progress {
  steps: string[]
  retaken: string[]
  failures: string[]
  versions: Record<string, string>
}

function listen(): Told {
  const told: Told = {
    steps: [],
    retaken: [],
    failures: [],
    versions: {},
    step: (what, done, total) => {
      assert.ok(done < total)
      told.steps.push(what)
    },
    again: (what) => told.retaken.push(what),
    fail: (what, error) => told.failures.push(`${what}: ${error}`),
    tookPart: (versions) => Object.assign(told.versions, versions),
  }
  return told
}

test('sides are measured in turn, and those that fail or are unavailable are left out', async () => {
  const told = listen()
  const scenario = await small.measure(settings, told)
  checkReport(report([scenario]), 'small.json')

  assert.deepEqual(told.failures, [
    'kept, a broken side, round 1 of 2: Error: it does not start',
    'new, a broken side, round 1 of 2: Error: it does not start',
  ])
  assert.equal(told.retaken.length, told.failures.length)
  const order = ['kept, single listener', 'kept, @reuse', 'new, single listener', 'new, @reuse']
  const round = (sides: string[], n: number): string[] => sides.map((s) => `${s}, round ${n} of 2`)
  const [a, b, c, d] = order
  assert.deepEqual(
    told.steps.filter((step) => !step.includes('broken')),
    [...round(order, 1), ...round([b, a, d, c].map(String), 2)],
  )
  assert.deepEqual(scenario.skipped, [{ side: 'an absent side', reason: 'it is not there' }])
  for (const { measures } of scenario.cases) {
    assert.deepEqual(
      measures.map(({ side, samples }) => [side, samples.length]),
      [
        ['single listener', 2],
        ['@reuse', 2],
      ],
    )
    assert.ok(measures.every(({ samples }) => samples.every((sample) => sample > 0)))
  }
  assert.ok(Object.keys(told.versions).length > 0)

  const text = formatScenario(scenario)
  assert.match(text, /^small: Does it work\?\n/)
  assert.match(text, /│ single listener +│ [\d,.]+ \/s +│ .* too few rounds +│/)
  assert.match(text, /without an absent side: it is not there/)
})

test('a full run is estimated to take twice as long', () => {
  const { rounds: _, ...unset } = settings
  const [look, full] = [small.estimate(unset), small.estimate({ ...unset, full: true })]
  assert.equal((full / look).toFixed(6), '2.000000')
})
