import * as Plot from '@observablehq/plot'
import type { Comparison } from '../comparison.js'
import { describeMetric, describeUnit, formatNumber, formatQuantity } from '../quantity.js'
import type { Measure, Scenario } from '../schema.js'
import { barsOfSides, namesOfSides } from './bar-marks.js'
import { type BarGroup, type BarRow, barGroup } from './bar-rows.js'
import { type Chart, type Drawing, sideWidth, slug } from './chart.js'
import { colour } from './palette.js'
import { tipMark } from './tip.js'

/** Beyond this a case's bars could hardly be seen beside those of another. */
const comparable = 5

/** Bars of one metric; cases whose figures are of another size have a chart of their own. */
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
    options: (drawing) => bars(shown, { measure, ideal, ...drawing }),
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

interface Bars extends Drawing {
  measure: Measure
  ideal: string | undefined
}

function bars(
  groups: readonly BarGroup[],
  { measure, ideal, width, interactive = false }: Bars,
): Plot.PlotOptions {
  const rows = groups.flatMap((group) => group.rows)
  const keys = groups.flatMap(({ key, rows }) => [key, ...rows.map((row) => row.key)])
  const wide = width >= 560
  const ticks = Math.round(width / 140)
  const largest = Math.max(...rows.map(({ high }) => high))
  const at = { y: 'key', frameAnchor: 'right' } as const
  return {
    width,
    height: 24 * keys.length + 48,
    marginTop: 4,
    marginBottom: 44,
    marginLeft: Math.min(0.35 * width, sideWidth(rows.map(({ side }) => side)) + 8),
    marginRight: wide ? 246 : 48,
    style: { fontSize: '12px', color: colour('ink') },
    // Room for the figure at the end of the longest bar; an axis where all are 0.
    x: {
      domain: [0, largest === 0 ? 1 : (wide ? 1.15 : 1.45) * largest],
      label: describeUnit(measure.metric, measure.unit),
      labelAnchor: 'center',
      labelArrow: 'none',
      ticks,
      tickFormat: formatNumber,
    },
    y: { domain: keys, axis: null, padding: 0.2 },
    marks: [
      Plot.gridX({ ticks, stroke: colour('grid'), strokeOpacity: 1 }),
      ...barsOfSides(rows, ideal),
      Plot.ruleY(rows, { y: 'key', x1: 'low', x2: 'high', stroke: colour('ink') }),
      ...namesOfSides(rows),
      Plot.text(rows, { x: 'high', y: 'key', text: 'valueText', textAnchor: 'start', dx: 5 }),
      Plot.text(groups, {
        y: 'key',
        frameAnchor: 'left',
        text: 'name',
        textAnchor: 'start',
        dx: 5,
        fontWeight: 700,
      }),
      Plot.text(rows, {
        ...at,
        text: wide ? 'intervalText' : 'ratioText',
        dx: wide ? 146 : 44,
        fontVariant: 'tabular-nums',
      }),
      ...(wide
        ? [Plot.text(rows, { ...at, text: 'verdict', dx: 242, fill: colour('muted') })]
        : []),
      Plot.text(groups.slice(0, 1), {
        ...at,
        text: () => (wide ? '@reuse ÷ side (95 % interval)' : 'ratio'),
        dx: wide ? 242 : 44,
        fill: colour('muted'),
      }),
      ...(interactive ? [tip(rows, measure)] : []),
    ],
  }
}

function tip(rows: readonly BarRow[], { unit }: Measure): Plot.Markish {
  return tipMark(
    rows,
    Plot.pointerY({
      x: 'value',
      y: 'key',
      title: ({ key, value, intervalText, verdict }: BarRow) =>
        [
          key,
          formatQuantity(value, unit),
          ...(intervalText === '' ? [] : ['@reuse ÷ side:', intervalText, verdict]),
        ].join('\n'),
    }),
  )
}
