import * as Plot from '@observablehq/plot'
import { formatNumber } from '../quantity.js'
import { barsOfSides, namesOfSides } from './bar-marks.js'
import type { BarGroup, BarRow } from './bar-rows.js'
import { type Drawing, sideWidth } from './chart.js'
import { colour } from './palette.js'
import { sampleMarks } from './sample-marks.js'

interface Bars extends Drawing {
  ideal: string | undefined
}

/** The column to the right of the bars: their ratios, and where each part of the column ends. */
interface Column {
  text: 'intervalText' | 'ratioText'
  heading: string
  ratio: number
  verdict?: number
  width: number
}

/** The groups one below the other, with @reuse's ratio to each side on the right. */
export function barOptions(
  groups: readonly BarGroup[],
  { ideal, width, interactive = false }: Bars,
): Plot.PlotOptions {
  const rows = groups.flatMap((group) => group.rows)
  const keys = groups.flatMap(({ key, rows }) => [key, ...rows.map((row) => row.key)])
  const column = columnOf(rows, width)
  const marginLeft = Math.min(0.55 * width, sideWidth(rows.map(({ side }) => side)) + 8)
  const nameWidth = sideWidth(groups.map(({ name }) => name))
  const room = width - marginLeft - column.width
  /** Where the drawing of a row ends and its figure follows. */
  const end = ({ high, samples }: BarRow) => (interactive ? Math.max(high, ...samples) : high)
  const ticks = Math.max(1, Math.floor(room / (24 + longest(rows.map((row) => row.valueText)))))
  return {
    width,
    height: 24 * keys.length + headingHeight + ticksHeight,
    marginTop: headingHeight,
    marginBottom: ticksHeight,
    marginLeft,
    marginRight: column.width,
    style: { fontSize: '12px', color: colour('ink') },
    x: {
      domain: [0, domainEnd(rows, end, room)],
      // The chart's title already says this.
      label: null,
      ticks,
      tickFormat: formatNumber,
    },
    y: { domain: keys, axis: null, padding: 0.2 },
    marks: [
      Plot.gridX({ ticks, stroke: colour('grid'), strokeOpacity: 1 }),
      ...barsOfSides(rows, ideal),
      Plot.ruleY(rows, { y: 'key', x1: 'low', x2: 'high', stroke: colour('ink') }),
      ...namesOfSides(rows),
      Plot.text(rows, { x: end, y: 'key', text: 'valueText', textAnchor: 'start', dx: 6 }),
      Plot.text(groups, {
        y: 'key',
        frameAnchor: 'left',
        text: 'name',
        textAnchor: 'start',
        // Further left if the frame has too little room for the name.
        dx: Math.max(-marginLeft, Math.min(5, width - marginLeft - nameWidth)),
        fontWeight: 700,
        // The name then crosses the axis.
        fill: colour('ink'),
        stroke: colour('surface'),
        strokeWidth: 4,
      }),
      ...ratioColumn(groups, column),
      ...(interactive ? sampleMarks(rows) : []),
    ],
  }
}

/** Above the bars: the heading of the column on their right. Below them: the axis. */
const headingHeight = 20
const ticksHeight = 24

/** If there is little room, the column has only the ratio. */
function columnOf(rows: readonly BarRow[], width: number): Column {
  if (width < 560) {
    const ratio = 8 + longest(['ratio', ...rows.map(({ ratioText }) => ratioText)])
    return { text: 'ratioText', heading: 'ratio', ratio, width: ratio + 4 }
  }
  const ratio = 12 + longest(rows.map(({ intervalText }) => intervalText))
  const verdict = ratio + 96
  const heading = '@reuse ÷ side (95 % interval)'
  return { text: 'intervalText', heading, ratio, verdict, width: verdict + 4 }
}

function ratioColumn(
  groups: readonly BarGroup[],
  { text, heading, ratio, verdict, width }: Column,
): Plot.Markish[] {
  const rows = groups.flatMap((group) => group.rows)
  const at = { y: 'key', frameAnchor: 'right', fontVariant: 'tabular-nums' } as const
  const muted = { ...at, fill: colour('muted') }
  if (rows.every(({ ratioText }) => ratioText === '')) return []
  return [
    Plot.text(rows, { ...at, text, dx: ratio }),
    ...(verdict === undefined ? [] : [Plot.text(rows, { ...muted, text: 'verdict', dx: verdict })]),
    Plot.text([heading], {
      ...{ frameAnchor: 'top-right', fill: colour('muted') },
      ...{ dx: width - 4, dy: 4 - headingHeight },
    }),
  ]
}

/** The width that the longest figure takes at most. */
function longest(figures: readonly string[]): number {
  return 7 * Math.max(...figures.map((figure) => figure.length))
}

/** Far enough for the figure at the end of the longest bar; if all are 0, there still is an axis. */
function domainEnd(rows: readonly BarRow[], end: (row: BarRow) => number, width: number): number {
  const text = 12 + longest(rows.map(({ valueText }) => valueText))
  const largest = Math.max(...rows.map(end))
  return largest === 0 ? 1 : (largest * width) / Math.max(width - text, width / 3)
}
