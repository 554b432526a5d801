import * as Plot from '@observablehq/plot'
import { describeUnit, formatNumber, formatQuantity } from '../quantity.js'
import type { Measure } from '../schema.js'
import { barsOfSides, namesOfSides } from './bar-marks.js'
import type { BarGroup, BarRow } from './bar-rows.js'
import { type Drawing, sideWidth } from './chart.js'
import { colour } from './palette.js'
import { tipMark } from './tip.js'

interface Bars extends Drawing {
  measure: Measure
  ideal: string | undefined
}

/** The right column's width, and where its parts end. A narrow one has the ratio alone. */
const columns = {
  wide: { width: 270, ratio: 170, end: 266, heading: '@reuse ÷ side (95 % interval)' },
  narrow: { width: 48, ratio: 44, end: 44, heading: 'ratio' },
}

/** The groups below each other, with @reuse's ratio to each side at the right. */
export function barOptions(
  groups: readonly BarGroup[],
  { measure, ideal, width, interactive = false }: Bars,
): Plot.PlotOptions {
  const rows = groups.flatMap((group) => group.rows)
  const keys = groups.flatMap(({ key, rows }) => [key, ...rows.map((row) => row.key)])
  const column = width >= 560 ? 'wide' : 'narrow'
  const ticks = Math.round(width / 140)
  const marginLeft = Math.min(0.35 * width, sideWidth(rows.map(({ side }) => side)) + 8)
  const marginRight = columns[column].width
  return {
    width,
    height: 24 * keys.length + 48,
    marginTop: 4,
    marginBottom: 44,
    marginLeft,
    marginRight,
    style: { fontSize: '12px', color: colour('ink') },
    x: {
      domain: [0, domainEnd(rows, width - marginLeft - marginRight)],
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
      ...ratioColumn(groups, column),
      ...(interactive ? [tip(rows, measure)] : []),
    ],
  }
}

function ratioColumn(groups: readonly BarGroup[], column: keyof typeof columns): Plot.Markish[] {
  const rows = groups.flatMap((group) => group.rows)
  const { ratio, end, heading } = columns[column]
  const at = { y: 'key', frameAnchor: 'right', fontVariant: 'tabular-nums' } as const
  if (rows.every(({ ratioText }) => ratioText === '')) return []
  const text = column === 'wide' ? 'intervalText' : 'ratioText'
  return [
    Plot.text(rows, { ...at, text, dx: ratio }),
    ...(column === 'wide'
      ? [Plot.text(rows, { ...at, text: 'verdict', dx: end, fill: colour('muted') })]
      : []),
    Plot.text(groups.slice(0, 1), { ...at, text: () => heading, dx: end, fill: colour('muted') }),
  ]
}

/** So far that the figure at the end of the longest bar has room; and there is an axis if all are 0. */
function domainEnd(rows: readonly BarRow[], width: number): number {
  const text = 8 + 7.5 * Math.max(...rows.map(({ valueText }) => valueText.length))
  const largest = Math.max(...rows.map(({ high }) => high))
  return largest === 0 ? 1 : (largest * width) / Math.max(width - text, width / 3)
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
