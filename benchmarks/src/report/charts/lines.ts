import { spreadOf } from '../../statistics.js'
import { describeMetric, describeUnit, formatNumber } from '../quantity.js'
import { ratioOf, summaryOf } from '../ratio.js'
import type { Case, Measure, Scenario } from '../schema.js'
import { type Chart, slug } from './chart.js'
import { type Lines, lineOptions, type Point } from './line-options.js'

/**
 * One metric along the scenario's axis, and relative to the ideal, if there is one. Cases that differ
 * in more than the axis have separate charts.
 */
export function lineCharts(scenario: Scenario, axis: string, metric: string): Chart[] {
  return Object.entries(alike(scenario.cases, axis)).flatMap(([name, cases = []]) => {
    const sorted = [...cases].sort((a, b) => axisValue(a, axis) - axisValue(b, axis))
    const measure = sorted.flatMap(({ measures }) => measures).find((m) => m.metric === metric)
    if (measure === undefined) return []
    const given = { axis, cases: sorted, ideal: scenario.ideal, measure, name }
    return [absolute(given), ...(measure.better === 'more' ? relative(given) : [])]
  })
}

interface Given {
  axis: string
  cases: readonly Case[]
  ideal: string | undefined
  measure: Measure
  /** What the cases have in common. */
  name: string
}

function absolute({ axis, cases, ideal, measure, name }: Given): Chart {
  const points = cases.flatMap((each) =>
    measuresOf(each, measure.metric).map((m) => {
      const { low, high } = spreadOf(m.samples)
      return { side: m.side, x: axisValue(each, axis), value: summaryOf(m), low, high }
    }),
  )
  const label = describeUnit(measure.metric, measure.unit)
  const x = { label: axis, ...extent(points), name: formatNumber }
  return {
    id: slug(measure.metric, name),
    title: titled(describeMetric(measure), name),
    description: describe(points, axis, formatNumber),
    ...notMeasured(cases, measure.metric),
    options: (drawing) =>
      lineOptions(
        {
          points,
          x,
          y: { label, type: 'linear', domain: fromZero(points), name: formatNumber },
          ideal,
        },
        drawing,
      ),
  }
}

/** Each side as a fraction of the ideal, from samples that were taken side by side. */
function relative({ axis, cases, ideal, measure, name }: Given): Chart[] {
  const points = cases.flatMap((each) => {
    const measures = measuresOf(each, measure.metric)
    const best = measures.find(({ side }) => side === ideal)
    if (best === undefined) return []
    // On this axis each doubling has the same length: a loss shows at small values as well as at large.
    const x = Math.log2(axisValue(each, axis))
    return measures.map((m) => ({ side: m.side, x, ...ratioOf(m, best) }))
  })
  if (ideal === undefined || points.length === 0) return []
  const text = `${measure.metric} beside ${ideal}`
  const { domain } = extent(points)
  const ticks = [...new Set(points.map(({ x }) => x))]
  const x = { label: axis, domain, ticks, name: (log: number) => formatNumber(2 ** log) }
  const y = { label: text, type: 'linear', domain: fromZero(points), name: percent } as const
  return [
    {
      id: slug(measure.metric, name, 'beside', ideal),
      title: titled(`${text}, which is 100 %`, name),
      description: describe(points, axis, percent),
      ...notMeasured(cases, measure.metric),
      options: (drawing) => lineOptions({ points, x, y, ideal }, drawing),
    },
  ]
}

/** Groups the cases by their parameters other than the axis and those that change along with it. */
function alike(cases: readonly Case[], axis: string): Partial<Record<string, Case[]>> {
  const names = new Set(cases.flatMap(({ parameters }) => Object.keys(parameters)))
  const apart = [...names].filter((name) =>
    cases.some((a) =>
      cases.some(
        (b) =>
          axisValue(a, axis) === axisValue(b, axis) && a.parameters[name] !== b.parameters[name],
      ),
    ),
  )
  const groups: Record<string, Case[]> = {}
  for (const each of cases) {
    const key = apart.map((name) => `${each.parameters[name]}`).join(', ')
    groups[key] = [...(groups[key] ?? []), each]
  }
  return groups
}

function axisValue({ parameters }: Case, axis: string): number {
  return Number(parameters[axis])
}

function measuresOf({ measures }: Case, metric: string): Measure[] {
  return measures.filter((measure) => measure.metric === metric)
}

function extent(points: readonly Point[]): Pick<Lines['x'], 'domain' | 'ticks'> {
  const ticks = [...new Set(points.map(({ x }) => x))]
  const [first = 0, last = first] = [Math.min(...ticks), Math.max(...ticks)]
  return { domain: first === last ? [first - 1, last + 1] : [first, last], ticks }
}

function fromZero(points: readonly Point[]): [number, number] {
  return [0, 1.05 * Math.max(...points.map(({ high }) => high))]
}

function percent(value: number): string {
  return `${formatNumber(100 * value)} %`
}

function titled(title: string, name: string): string {
  return name === '' ? title : `${name}: ${title}`
}

/** A note, because readers would think that a line that ends early was measured as far as the others. */
function notMeasured(cases: readonly Case[], metric: string): Pick<Chart, 'note'> {
  const sidesOf = (each: Case) => measuresOf(each, metric).map(({ side }) => side)
  const all = [...new Set(cases.flatMap(sidesOf))]
  const parts = cases.flatMap((each) => {
    const missing = all.filter((side) => !sidesOf(each).includes(side))
    return missing.length === 0 ? [] : [`${each.name}: ${missing.join(', ')}`]
  })
  return parts.length === 0 ? {} : { note: `Not measured with ${parts.join('; ')}` }
}

function describe(points: readonly Point[], axis: string, format: (value: number) => string) {
  const most = Math.max(...points.map(({ x }) => x))
  const last = points.filter(({ x }) => x === most)
  return `At the most ${axis}: ${last.map(({ side, value }) => `${side} ${format(value)}`).join(', ')}.`
}
