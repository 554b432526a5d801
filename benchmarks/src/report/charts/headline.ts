import * as Plot from '@observablehq/plot'
import { median } from 'simple-statistics'
import { comparisonsOf } from '../comparison.js'
import { formatNumber, formatRatio } from '../quantity.js'
import { ratioOf } from '../ratio.js'
import type { Scenario } from '../schema.js'
import { type Bar, barsOfSides, namesOfSides } from './bar-marks.js'
import { barCharts } from './bars.js'
import { type Chart, type Drawing, sideWidth } from './chart.js'
import { colour } from './palette.js'

/** The two findings that the project's README shows: what sharing gains, what a restart loses. */
export function headlineCharts(scenarios: readonly Scenario[]): Chart[] {
  const throughput = scenarios.find(({ name }) => name === 'throughput')
  const restart = scenarios.find(({ name }) => name === 'restart')
  return [
    ...(throughput === undefined ? [] : gains(throughput)),
    ...(restart === undefined ? [] : losses(restart)),
  ]
}

/** The value is the middle one of the cases. */
interface Gain extends Bar {
  cases: Bar[]
}

function gains(scenario: Scenario): Chart[] {
  const { question, baseline, ideal } = scenario
  const found = gainsOf(scenario)
  if (baseline === undefined || found.length === 0) return []
  const names = scenario.cases.map(({ name }) => name).join(', ')
  return [
    {
      id: 'gains',
      title: `${question} ${mainMetric(scenario)} beside ${baseline}; a dot for each of: ${names}`,
      description: found.map(({ side, value }) => `${side} ${formatRatio(value)}`).join(', '),
      options: (drawing) => gainBars(found, baseline, ideal, drawing),
    },
  ]
}

function losses(scenario: Scenario): Chart[] {
  return barCharts(scenario, mainMetric(scenario), comparisonsOf(scenario)).map((chart) => ({
    ...chart,
    title: `${scenario.question} ${chart.title}`,
  }))
}

function mainMetric({ cases }: Scenario): string {
  return cases[0]?.measures[0]?.metric ?? ''
}

function gainsOf(scenario: Scenario): Gain[] {
  const metric = mainMetric(scenario)
  const points = scenario.cases.flatMap(({ measures }) => {
    const shown = measures.filter((measure) => measure.metric === metric)
    const base = shown.find(({ side }) => side === scenario.baseline)
    if (base === undefined) return []
    return shown.map((measure) => ({
      key: measure.side,
      side: measure.side,
      value: ratioOf(measure, base).value,
    }))
  })
  const sides = [...new Set(points.map(({ side }) => side))]
  return sides
    .map((side) => {
      const cases = points.filter((point) => point.side === side)
      return { key: side, side, value: median(cases.map(({ value }) => value)), cases }
    })
    .sort((a, b) => b.value - a.value)
}

function gainBars(
  gains: readonly Gain[],
  baseline: string,
  ideal: string | undefined,
  { width }: Drawing,
): Plot.PlotOptions {
  const cases = gains.flatMap((gain) => gain.cases)
  const largest = Math.max(...cases.map(({ value }) => value))
  const ends = gains.map((gain) => ({
    ...gain,
    end: Math.max(...gain.cases.map(({ value }) => value)),
    text: `${formatRatio(gain.value)} ×`,
  }))
  return {
    width,
    height: 24 * gains.length + 48,
    marginTop: 4,
    marginBottom: 44,
    marginLeft: sideWidth(gains.map(({ side }) => side)) + 8,
    marginRight: 48,
    style: { fontSize: '12px', color: colour('ink') },
    x: {
      domain: [0, 1.05 * largest],
      label: `times ${baseline}`,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 6,
      tickFormat: formatNumber,
    },
    y: { domain: gains.map(({ key }) => key), axis: null, padding: 0.2 },
    marks: [
      Plot.gridX({ ticks: 6, stroke: colour('grid'), strokeOpacity: 1 }),
      ...barsOfSides(gains, ideal),
      Plot.dot(cases, { x: 'value', y: 'key', r: 2.5, fill: colour('ink') }),
      Plot.text(ends, { x: 'end', y: 'key', text: 'text', textAnchor: 'start', dx: 8 }),
      ...namesOfSides(gains),
    ],
  }
}
