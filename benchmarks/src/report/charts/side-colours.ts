import { isReuse } from '../comparison.js'
import { type Colour, colour } from './palette.js'

/** A peer has the same colour in every chart. */
const known: readonly [RegExp, Colour][] = [
  [/single|plain/i, 'muted'],
  [/separate/i, 'ink'],
  [/reuseport|kernel/i, 'orange'],
  [/pm2/i, 'green'],
  [/cluster.*(rr|robin)/i, 'vermilion'],
  [/cluster/i, 'purple'],
  [/nginx/i, 'olive'],
]

/** The colour of each side's line, by the side's name. */
export function sideColours(sides: readonly string[]): ReadonlyMap<string, string> {
  const spare: Colour[] = ['teal', 'green', 'olive', 'purple', 'muted']
  return new Map(
    sides.map((side) => {
      if (isReuse(side)) return [side, colour('reuse')]
      const name = known.find(([pattern]) => pattern.test(side))?.[1] ?? spare.shift() ?? 'muted'
      return [side, colour(name)]
    }),
  )
}
