import * as Plot from '@observablehq/plot'
import { isReuse } from '../comparison.js'
import { colour } from './palette.js'

/** What a bar needs to be drawn. */
export interface Bar {
  /** Its place on the y axis. */
  key: string
  side: string
  value: number
}

/** The bars: @reuse's in its own colour, and the ideal, which nobody can choose, as an outline. */
export function barsOfSides(bars: readonly Bar[], ideal: string | undefined): Plot.Markish[] {
  return [
    Plot.barX(bars, {
      x: 'value',
      y: 'key',
      fill: ({ side }: Bar) => {
        if (isReuse(side)) return colour('reuse')
        return side === ideal ? 'none' : colour('bar')
      },
      stroke: ({ side }: Bar) => (side === ideal ? colour('muted') : 'none'),
      strokeDasharray: '3,2',
    }),
    Plot.ruleX([0], { stroke: colour('muted') }),
  ]
}

/** The name of each bar's side, before the bar. */
export function namesOfSides(bars: readonly Bar[]): Plot.Markish[] {
  return [true, false].map((reuse) =>
    Plot.text(
      bars.filter(({ side }) => isReuse(side) === reuse),
      { x: 0, y: 'key', text: 'side', textAnchor: 'end', dx: -6, fontWeight: reuse ? 700 : 400 },
    ),
  )
}
