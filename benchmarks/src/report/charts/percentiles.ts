import { spreadOf } from '../../statistics.js'
import { describeMetric, describeUnit, formatNumber } from '../quantity.js'
import { summaryOf } from '../ratio.js'
import type { Case, Measure, Scenario } from '../schema.js'
import { type Chart, slug } from './chart.js'
import { lineOptions } from './line-options.js'

interface Percentile {
  /** What the distribution is of: `latency`. */
  family: string
  /** `p99.9`, `max` */
  name: string
  /** From 0 to 100. */
  rank: number
}

/** Which percentile of which distribution a metric is; `undefined` if it is not a percentile. */
export function percentileOf(metric: string): Percentile | undefined {
  const [, family = '', name = '', digits] = /^(.+) (p(\d+(?:\.\d+)?)|max)$/.exec(metric) ?? []
  if (family === '') return undefined
  return { family, name, rank: digits === undefined ? 100 : Number(digits) }
}

/** What a percentile is of; otherwise the metric itself: the percentiles of one distribution are one chart. */
export function familyOf(metric: string): string {
  return percentileOf(metric)?.family ?? metric
}

/** The percentiles of one distribution as a line for each side; a chart for each case. */
export function percentileCharts({ cases, ideal }: Scenario, family: string): Chart[] {
  return cases.flatMap((each) => {
    const found = percentilesIn(each, family)
    const [first] = found
    if (first === undefined) return []
    const measure = { ...first.measure, metric: family }
    const name = cases.length === 1 ? '' : each.name
    return {
      id: slug(family, name),
      title: name === '' ? describeMetric(measure) : `${name}: ${describeMetric(measure)}`,
      description: describe(found),
      options: (drawing) => lineOptions({ ...linesOf(found, measure), ideal }, drawing),
    }
  })
}

interface Found {
  measure: Measure
  percentile: Percentile
}

function percentilesIn({ measures }: Case, family: string): Found[] {
  return measures
    .flatMap((measure) => {
      const percentile = percentileOf(measure.metric)
      return percentile?.family === family ? { measure, percentile } : []
    })
    .sort((a, b) => a.percentile.rank - b.percentile.rank)
}

function linesOf(found: readonly Found[], { metric, unit }: Measure) {
  const names = [...new Set(found.map(({ percentile }) => percentile.name))]
  const points = found.map(({ measure, percentile }) => {
    const { low, high } = spreadOf(measure.samples)
    const x = names.indexOf(percentile.name)
    return { side: measure.side, x, value: summaryOf(measure), low, high }
  })
  const lowest = Math.min(...points.map(({ low }) => low))
  const highest = Math.max(...points.map(({ high }) => high))
  const log = lowest > 0
  return {
    points,
    x: {
      label: 'percentile',
      domain: [0, Math.max(1, names.length - 1)] as [number, number],
      ticks: [...names.keys()],
      name: (x: number) => names[x] ?? '',
    },
    y: {
      label: describeUnit(metric, unit),
      name: formatNumber,
      type: log ? ('log' as const) : ('linear' as const),
      domain: (log ? [lowest / 1.1, highest * 1.1] : [0, highest * 1.05]) as [number, number],
    },
  }
}

function describe(found: readonly Found[]): string {
  const names = [...new Set(found.map(({ percentile }) => percentile.name))]
  return names
    .map((name) => {
      const figures = found
        .filter(({ percentile }) => percentile.name === name)
        .map(({ measure }) => `${measure.side} ${formatNumber(summaryOf(measure))} ${measure.unit}`)
      return `${name}: ${figures.join(', ')}.`
    })
    .join(' ')
}
