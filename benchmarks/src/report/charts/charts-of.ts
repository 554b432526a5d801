import { comparisonsOf } from '../comparison.js'
import type { Scenario } from '../schema.js'
import { barCharts } from './bars.js'
import type { Chart } from './chart.js'
import { lineCharts } from './lines.js'
import { percentileCharts, percentileOf } from './percentiles.js'

/** The pictures of a scenario, in the order of its metrics. */
export function chartsOf(scenario: Scenario): Chart[] {
  const names = scenario.cases.flatMap(({ measures }) => measures.map(({ metric }) => metric))
  const metrics = [...new Set(names)]
  const families = new Set(metrics.flatMap((metric) => percentileOf(metric)?.family ?? []))
  const single = metrics.filter((metric) => percentileOf(metric) === undefined)
  const comparisons = comparisonsOf(scenario)
  return [
    ...single.flatMap((metric) =>
      scenario.axis === undefined
        ? barCharts(scenario, metric, comparisons)
        : lineCharts(scenario, scenario.axis, metric),
    ),
    ...[...families].flatMap((family) => percentileCharts(scenario, family)),
  ]
}
