import * as Plot from '@observablehq/plot'
import { isReuse } from '../comparison.js'
import { type Drawing, sideWidth } from './chart.js'
import { lineNames } from './line-names.js'
import { colour } from './palette.js'
import { sideColours } from './side-colours.js'
import { apart, logTicks } from './ticks.js'
import { tipMark } from './tip.js'

export interface Point {
  side: string
  x: number
  value: number
  low: number
  high: number
}

export interface Lines {
  points: readonly Point[]
  x: { label: string; domain: [number, number]; ticks: readonly number[]; name(x: number): string }
  y: {
    label: string
    type: 'linear' | 'log'
    domain: [number, number]
    name(value: number): string
  }
  ideal: string | undefined
}

const height = 380
const margin = { top: 28, bottom: 44, left: 64 }

/** A line for each side, with its name at its end. */
export function lineOptions(
  { points, x, y, ideal }: Lines,
  { width, interactive = false }: Drawing,
): Plot.PlotOptions {
  const sides = inFront([...new Set(points.map(({ side }) => side))], ideal)
  const colours = sideColours(sides)
  const stroke = ({ side }: Point) => colours.get(side)
  const marginRight = sideWidth(sides) + 20
  const [first, last] = x.domain
  const perPixel = (last - first) / (width - margin.left - marginRight)
  const lines = sides.map((side) => points.filter((point) => point.side === side))
  const scale = { type: y.type, domain: y.domain }
  const range: [number, number] = [height - margin.bottom, margin.top]
  const longestName = Math.max(...x.ticks.map((tick) => x.name(tick).length))
  return {
    width,
    height,
    marginTop: margin.top,
    marginBottom: margin.bottom,
    marginLeft: margin.left,
    marginRight,
    style: { fontSize: '12px', color: colour('ink') },
    x: {
      label: x.label,
      labelAnchor: 'center',
      labelArrow: 'none',
      domain: x.domain,
      ticks: apart(x.ticks, (8 + 7 * longestName) * perPixel),
      tickFormat: x.name,
    },
    y: { label: y.label, ...scale },
    marks: [
      ...yAxis(y),
      Plot.ruleX(points, { x: 'x', y1: 'low', y2: 'high', stroke, strokeOpacity: 0.6 }),
      ...lines.flatMap((line) => sideLine(line, { stroke, ideal })),
      ...lineNames({
        ends: lines.flatMap((line) => line.at(-1) ?? []),
        scale: { ...scale, range },
        x: last,
        perPixel,
        stroke,
      }),
      ...(interactive ? [tip(points, { x, y })] : []),
    ],
  }
}

/** Sorts the sides by drawing order: the last is drawn on top of the others. */
function inFront(sides: readonly string[], ideal: string | undefined): string[] {
  const rank = (side: string) => (isReuse(side) ? 2 : side === ideal ? 1 : 0)
  return [...sides].sort((a, b) => rank(a) - rank(b))
}

function yAxis({ type, domain, name }: Lines['y']): Plot.Markish[] {
  const grid = { stroke: colour('grid'), strokeOpacity: 1 }
  if (type === 'linear') {
    return [Plot.gridY({ ticks: 6, ...grid }), Plot.axisY({ ticks: 6, tickFormat: name })]
  }
  const ticks = logTicks(domain)
  // With `tickFormat` Plot would leave out some of the names of a logarithmic axis.
  return [Plot.gridY(ticks, grid), Plot.axisY(ticks, { text: (tick: number) => name(tick) })]
}

interface Style {
  stroke(point: Point): string | undefined
  ideal: string | undefined
}

function sideLine(line: readonly Point[], { stroke, ideal }: Style): Plot.Markish[] {
  const [point] = line
  if (point === undefined) return []
  const at = { x: 'x', y: 'value' } as const
  const reuse = isReuse(point.side)
  return [
    Plot.line(line, {
      ...at,
      stroke: stroke(point) ?? '',
      strokeWidth: reuse ? 3 : 1.5,
      ...(point.side === ideal ? { strokeDasharray: '5,4' } : {}),
    }),
    Plot.dot(line, { ...at, fill: stroke(point) ?? '', r: reuse ? 4 : 2.5 }),
  ]
}

function tip(points: readonly Point[], { x, y }: Pick<Lines, 'x' | 'y'>): Plot.Markish {
  return tipMark(
    points,
    Plot.pointer({
      x: 'x',
      y: 'value',
      title: (point: Point) =>
        `${point.side}\n${x.label}: ${x.name(point.x)}\n${y.label}: ${y.name(point.value)}`,
    }),
  )
}
