import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slowdown } from '../src/apps/handlers.js'
import { thisNode } from '../src/node-version.js'
import { tail } from '../src/scenarios/tail.js'
import { clusterRoundRobin } from '../src/sides/cluster.js'
import { reuse } from '../src/sides/reuse.js'
import { single } from '../src/sides/single.js'
import { samplesOf, smallRun } from './small-run.js'

const skip = reuse.unavailable(thisNode) ?? false

test('a small run gives the percentiles of every side that shares a port', { skip }, async () => {
  const sides = [single, reuse, clusterRoundRobin]
  const scenario = await smallRun(tail, { sides, rounds: 1, seconds: 0.5, rate: 200 })
  const [stalled, slow] = scenario.cases
  assert.equal(scenario.cases.length, 2)
  const of = (name: string) => samplesOf(scenario, stalled?.name ?? '', `latency ${name}`)
  assert.deepEqual(Object.keys(of('p50')), [reuse.title, clusterRoundRobin.title])
  for (const { title } of [reuse, clusterRoundRobin]) {
    const values = ['p50', 'p90', 'max'].map((name) => of(name)[title]?.[0] ?? 0)
    assert.ok(values[0] !== undefined && values[0] > 0)
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    )
  }
  // The others need less than the slow one, and the slow one gets its share of the requests.
  const [most = 0] = samplesOf(scenario, slow?.name ?? '', 'latency max')[reuse.title] ?? []
  assert.ok(most >= slowdown.factor)
  // A hundred requests say nothing about the slowest one in a hundred, or in a thousand.
  assert.deepEqual([of('p99'), of('p99.9')], [{}, {}])
})
