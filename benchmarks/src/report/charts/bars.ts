import type { Comparison } from '../comparison.js'
import { describeMetric } from '../quantity.js'
import type { Measure, Scenario } from '../schema.js'
import { barOptions } from './bar-options.js'
import { type BarGroup, barGroup } from './bar-rows.js'
import { type Chart, slug } from './chart.js'

/** If the largest bars of two cases differ by a greater factor, the shorter ones could hardly be seen. */
const comparable = 5

/** Bars of one metric; if the figures of the cases differ too much in size, each case has its own chart. */
export function barCharts(
  { cases, ideal }: Scenario,
  metric: string,
  comparisons: readonly Comparison[],
): Chart[] {
  const measure = cases.flatMap(({ measures }) => measures).find((m) => m.metric === metric)
  if (measure === undefined) return []
  const groups = cases.flatMap((each) => barGroup(each, metric, comparisons) ?? [])
  return together(groups).map((shown, index, all) => ({
    id: all.length === 1 ? slug(metric) : slug(metric, shown[0]?.name ?? `${index}`),
    title: describeMetric(measure),
    description: describe(shown, measure),
    options: (drawing) => barOptions(shown, { ideal, ...drawing }),
  }))
}

function together(groups: BarGroup[]): BarGroup[][] {
  const largest = groups.map(({ rows }) => Math.max(...rows.map(({ value }) => value)))
  const alike = Math.max(...largest) <= comparable * Math.min(...largest)
  return alike ? [groups] : groups.map((group) => [group])
}

function describe(groups: readonly BarGroup[], { unit }: Measure): string {
  return groups
    .map(({ name, rows }) => {
      const figures = rows.map(({ side, valueText }) => `${side} ${valueText} ${unit}`.trim())
      return `${name}: ${figures.join(', ')}.`
    })
    .join(' ')
}
