import * as Plot from '@observablehq/plot'
import { isReuse } from '../comparison.js'
import { formatNumber } from '../quantity.js'
import type { Drawing } from './chart.js'
import { colour } from './palette.js'
import { sideColours } from './side-colours.js'
import { spreadLabels } from './spread-labels.js'

export interface Point {
  side: string
  /** A place on the x axis, of which each whole number has a name. */
  x: number
  value: number
  low: number
  high: number
}

export interface Lines {
  points: readonly Point[]
  x: { label: string; domain: [number, number]; ticks: readonly number[]; name(x: number): string }
  y: { label: string; type: 'linear' | 'log'; domain: [number, number]; percent?: boolean }
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
  const stroke = ({ side }: { side: string }) => colours.get(side)
  const marginRight = 7 * Math.max(...sides.map((side) => side.length)) + 24
  const [first, last] = x.domain
  const perPixel = (last - first) / (width - margin.left - marginRight)
  const ends = lineEnds(sides, points, y)
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
      domain: x.domain,
      ticks: [...x.ticks],
      tickFormat: x.name,
    },
    y: {
      label: y.label,
      type: y.type,
      domain: y.domain,
      ticks: 6,
      tickFormat: y.percent === true ? '.0%' : formatNumber,
    },
    marks: [
      Plot.gridY({ stroke: colour('grid'), strokeOpacity: 1 }),
      Plot.ruleX(points, { x: 'x', y1: 'low', y2: 'high', stroke, strokeOpacity: 0.6 }),
      ...sides.flatMap((side) => [
        Plot.line(
          points.filter((point) => point.side === side),
          {
            x: 'x',
            y: 'value',
            stroke: colours.get(side) ?? '',
            strokeWidth: isReuse(side) ? 3 : 1.5,
            ...(side === ideal ? { strokeDasharray: '5,4' } : {}),
          },
        ),
        Plot.dot(
          points.filter((point) => point.side === side),
          { x: 'x', y: 'value', fill: colours.get(side) ?? '', r: isReuse(side) ? 4 : 2.5 },
        ),
      ]),
      Plot.link(ends, {
        x1: 'x',
        y1: 'value',
        x2: () => last + 12 * perPixel,
        y2: 'place',
        stroke,
        strokeOpacity: 0.6,
      }),
      ...[true, false].map((bold) =>
        Plot.text(
          ends.filter(({ side }) => isReuse(side) === bold),
          {
            x: () => last + 16 * perPixel,
            y: 'place',
            text: 'side',
            textAnchor: 'start',
            fill: stroke,
            fontWeight: bold ? 700 : 400,
          },
        ),
      ),
      ...(interactive ? [tip(points, { x, y })] : []),
    ],
  }
}

/** The last is drawn above all others. */
function inFront(sides: readonly string[], ideal: string | undefined): string[] {
  const rank = (side: string) => (isReuse(side) ? 2 : side === ideal ? 1 : 0)
  return [...sides].sort((a, b) => rank(a) - rank(b))
}

/** The last point of each side's line, and where its name has room. */
function lineEnds(
  sides: readonly string[],
  points: readonly Point[],
  { type, domain }: Lines['y'],
) {
  const bottom = height - margin.bottom
  const scale = Plot.scale({ y: { type, domain, range: [bottom, margin.top] } })
  const ends = sides.flatMap((side) => points.findLast((point) => point.side === side) ?? [])
  const places = spreadLabels(
    ends.map(({ value }) => Number(scale.apply(value))),
    { gap: 15, min: margin.top, max: bottom },
  )
  return ends.map((end, index) => ({ ...end, place: scale.invert?.(places[index] ?? 0) }))
}

function tip(points: readonly Point[], { x, y }: Pick<Lines, 'x' | 'y'>): Plot.Markish {
  return Plot.tip(
    points,
    Plot.pointer({
      x: 'x',
      y: 'value',
      fill: colour('surface'),
      stroke: colour('muted'),
      title: (point: Point) =>
        `${point.side}\n${x.label}: ${x.name(point.x)}\n${y.label}: ${
          y.percent === true ? `${(100 * point.value).toFixed(1)} %` : formatNumber(point.value)
        }`,
    }),
  )
}
