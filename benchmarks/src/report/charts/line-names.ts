import * as Plot from '@observablehq/plot'
import { isReuse } from '../comparison.js'
import type { Point } from './line-options.js'
import { spreadLabels } from './spread-labels.js'

interface Names {
  /** The last point of each line. */
  ends: readonly Point[]
  /** The scale of the y axis. */
  scale: Plot.ScaleOptions & { range: [number, number] }
  /** Where the names begin on the x axis, and how much of that axis one pixel covers. */
  x: number
  perPixel: number
  stroke(point: Point): string | undefined
}

/** The name of each line beside its end, with a thin line to it, because names may have moved. */
export function lineNames({ ends, scale, x, perPixel, stroke }: Names): Plot.Markish[] {
  const y = Plot.scale({ y: scale })
  const [bottom, top] = scale.range
  const places = spreadLabels(
    ends.map(({ value }) => Number(y.apply(value))),
    { gap: 15, min: top, max: bottom },
  )
  const named = ends.map((end, index) => ({ ...end, place: y.invert?.(places[index] ?? 0) }))
  return [
    Plot.link(named, {
      x1: 'x',
      y1: 'value',
      x2: () => x + 12 * perPixel,
      y2: 'place',
      stroke,
      strokeOpacity: 0.6,
    }),
    ...[true, false].map((bold) =>
      Plot.text(
        named.filter(({ side }) => isReuse(side) === bold),
        {
          x: () => x + 16 * perPixel,
          y: 'place',
          text: 'side',
          textAnchor: 'start',
          fill: stroke,
          fontWeight: bold ? 700 : 400,
        },
      ),
    ),
  ]
}
