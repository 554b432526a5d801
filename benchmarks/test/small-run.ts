import assert from 'node:assert/strict'
import type { Benchmark, Settings } from '../src/harness/benchmark.js'
import { thisNode } from '../src/node-version.js'
import { checkReport, type Measure, type Scenario } from '../src/report/index.js'
import { report } from './report/fixture.js'

/** Runs a scenario on this Node, and asserts that nothing fails and that its result is valid in a report. */
export async function smallRun(
  benchmark: Benchmark,
  settings: Omit<Settings, 'node' | 'full'>,
): Promise<Scenario> {
  const all = { node: thisNode, full: false, ...settings }
  assert.ok(benchmark.estimate(all) > 0)
  const scenario = await benchmark.measure(all, {
    step: (_, done, total) => assert.ok(done < total),
    again: broken,
    fail: broken,
    tookPart: () => {},
  })
  checkReport(report([scenario]), scenario.name)
  assert.equal(scenario.name, benchmark.name)
  assert.equal(scenario.question, benchmark.question)
  return scenario
}

function broken(what: string, error: unknown): never {
  throw new Error(`${what} failed`, { cause: error })
}

/** The samples of each side of a case, for one metric. */
export function samplesOf(
  { cases }: Scenario,
  name: string,
  metric: Measure['metric'],
): Record<string, number[]> {
  const measures = cases.find((each) => each.name === name)?.measures ?? []
  return Object.fromEntries(
    measures.filter((each) => each.metric === metric).map(({ side, samples }) => [side, samples]),
  )
}
