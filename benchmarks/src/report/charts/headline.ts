import * as Plot from '@observablehq/plot'
import { spreadOf } from '../../statistics.js'
import { type Finding, type FindingName, findingOf } from '../findings.js'
import { type Gains, gainsOf } from '../gains.js'
import { describeMetric, formatNumber, formatQuantity } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import type { Scenario } from '../schema.js'
import { type Bar, barsOfSides, namesOfSides } from './bar-marks.js'
import { type Chart, type Drawing, sideWidth } from './chart.js'
import { colour } from './palette.js'

/** The findings in which @reuse differs; they come first. */
const headings: readonly (readonly [FindingName, string])[] = [
  ['restart', 'Programs are restarted'],
  ['crash', 'A program is killed'],
  ['tail', 'One worker is slower than the others'],
]

/** What the project's README shows, and each report begins with. Each chart fits on a phone. */
export function headlineCharts(scenarios: readonly Scenario[]): Chart[] {
  const gains = gainsOf(scenarios)
  return [
    ...headings.flatMap(([name, heading]) => {
      const finding = findingOf(name, scenarios)
      return finding === undefined ? [] : [findingChart(name, heading, finding)]
    }),
    ...(gains === undefined ? [] : [gainsChart(gains)]),
  ]
}

/** A bar, its whisker, and what is written at the end of both. */
interface Row extends Bar {
  low: number
  high: number
  text: string
}

function findingChart(id: string, heading: string, finding: Finding): Chart {
  const { case: each, measures, missing } = finding
  const rows = measures.map((measure): Row => {
    const value = summaryOf(measure)
    const { low, high } = spreadOf(measure.samples)
    return {
      key: measure.side,
      side: measure.side,
      value,
      low: Math.min(low, value),
      high: Math.max(high, value),
      text: formatQuantity(value, measure.unit),
    }
  })
  return {
    id,
    heading,
    title: `${each.name}: ${describeMetric({ ...measures[0], unit: '' })}`,
    description: describe(rows),
    ...(missing.length > 0 && { note: `Not measured in this case: ${missing.join(', ')}` }),
    options: (drawing) => barsWithNames(rows, undefined, drawing),
  }
}

function gainsChart({ metric, baseline, ideal, cases, gains, farthest, equal }: Gains): Chart {
  const rows = gains.map(
    (gain): Row => ({ ...gain, key: gain.side, text: `${gain.value.toFixed(2)} ×` }),
  )
  const applications = cases === 1 ? '' : `, the median of ${cases} applications`
  const percent = formatNumber(Math.ceil(1000 * farthest) / 10)
  return {
    id: 'throughput',
    heading: equal
      ? `Throughput is equal, as it should be: within ${percent} % of @reuse`
      : 'Throughput',
    title: `${metric} ÷ ${baseline}${applications}; more is better`,
    description: describe(rows),
    options: (drawing) => barsWithNames(rows, ideal, drawing),
  }
}

function describe(rows: readonly Row[]): string {
  return `${rows.map(({ side, text }) => `${side} ${text}`).join(', ')}.`
}

const rowHeight = 21

/** There is no axis: each figure is beside its bar. */
function barsWithNames(
  rows: readonly Row[],
  ideal: string | undefined,
  { width }: Drawing,
): Plot.PlotOptions {
  const marginLeft = sideWidth(rows.map(({ side }) => side)) + 8
  const marginRight = 12 + 7 * Math.max(...rows.map(({ text }) => text.length))
  return {
    width,
    height: rowHeight * rows.length + 4,
    marginTop: 2,
    marginBottom: 2,
    marginLeft,
    marginRight,
    style: { fontSize: '12px', color: colour('ink') },
    // If all are 0, the scale still needs a length.
    x: { domain: [0, Math.max(...rows.map(({ high }) => high)) || 1], axis: null },
    y: { domain: rows.map(({ key }) => key), axis: null, padding: 0.2 },
    marks: [
      ...barsOfSides(rows, ideal),
      Plot.ruleY(rows, { y: 'key', x1: 'low', x2: 'high', stroke: colour('ink') }),
      ...namesOfSides(rows),
      Plot.text(rows, { x: 'high', y: 'key', text: 'text', textAnchor: 'start', dx: 6 }),
    ],
  }
}
