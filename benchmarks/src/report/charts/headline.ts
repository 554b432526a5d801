import * as Plot from '@observablehq/plot'
import { median } from 'simple-statistics'
import { comparisonsOf } from '../comparison.js'
import { describeMetric, formatNumber } from '../quantity.js'
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
  /** Between these lie the cases; of one case it is the interval. */
  low: number
  high: number
  cases: Bar[]
}

function gains(scenario: Scenario): Chart[] {
  const { question, baseline, ideal } = scenario
  const [first] = scenario.cases[0]?.measures ?? []
  const found = gainsOf(scenario)
  if (baseline === undefined || first === undefined || found.length === 0) return []
  const names = scenario.cases.map(({ name }) => name)
  const dots = names.length > 1 ? [`a dot is one of: ${names.join('; ')}`] : names
  return [
    {
      id: 'gains',
      heading: question,
      title: [describeMetric({ ...first, unit: '' }), ...dots].join('; '),
      description: found.map(({ side, value }) => `${side} ${times(value)}`).join(', '),
      options: (drawing) =>
        gainBars(found, { label: `${first.metric} ÷ ${baseline}`, ideal, ...drawing }),
    },
  ]
}

function losses(scenario: Scenario): Chart[] {
  const charts = barCharts(scenario, mainMetric(scenario), comparisonsOf(scenario))
  return charts.map((chart, index) =>
    index === 0 ? { ...chart, heading: scenario.question } : chart,
  )
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
    return shown.map((measure) => {
      const { value, low, high } = ratioOf(measure, base)
      return { key: measure.side, side: measure.side, value, low, high }
    })
  })
  const sides = [...new Set(points.map(({ side }) => side))]
  return sides
    .map((side) => {
      const cases = points.filter((point) => point.side === side)
      const values = cases.map(({ value }) => value)
      const [only] = cases
      const spread =
        only !== undefined && cases.length === 1
          ? { low: only.low, high: only.high }
          : { low: Math.min(...values), high: Math.max(...values) }
      return { key: side, side, value: median(values), ...spread, cases }
    })
    .sort((a, b) => b.value - a.value)
}

interface GainBars extends Drawing {
  label: string
  ideal: string | undefined
}

function gainBars(gains: readonly Gain[], { label, ideal, width }: GainBars): Plot.PlotOptions {
  const cases = gains.flatMap((gain) => gain.cases)
  return {
    width,
    height: 24 * gains.length + 48,
    marginTop: 4,
    marginBottom: 44,
    marginLeft: sideWidth(gains.map(({ side }) => side)) + 8,
    marginRight: 56,
    style: { fontSize: '12px', color: colour('ink') },
    x: {
      domain: [0, Math.max(...gains.map(({ high }) => high))],
      label,
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks: 6,
      tickFormat: formatNumber,
    },
    y: { domain: gains.map(({ key }) => key), axis: null, padding: 0.2 },
    marks: [
      Plot.gridX({ ticks: 6, stroke: colour('grid'), strokeOpacity: 1 }),
      ...barsOfSides(gains, ideal),
      Plot.ruleY(gains, { y: 'key', x1: 'low', x2: 'high', stroke: colour('ink') }),
      ...(cases.length > gains.length
        ? [Plot.dot(cases, { x: 'value', y: 'key', r: 2.5, fill: colour('ink') })]
        : []),
      Plot.text(gains, {
        x: 'high',
        y: 'key',
        text: ({ value }: Gain) => times(value),
        textAnchor: 'start',
        dx: 8,
      }),
      ...namesOfSides(gains),
    ],
  }
}

function times(value: number): string {
  return `${value.toFixed(2)} ×`
}
