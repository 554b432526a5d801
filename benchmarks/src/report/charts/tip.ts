import * as Plot from '@observablehq/plot'
import { colour } from './palette.js'

/** Shows the figures of whatever the pointer is at. */
export function tipMark(data: Plot.Data, options: Plot.TipOptions): Plot.Markish {
  return Plot.tip(data, {
    fill: colour('surface'),
    stroke: colour('muted'),
    lineHeight: 1.35,
    ...options,
  })
}
