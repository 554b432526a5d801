import { median } from 'simple-statistics'
import { isReuse } from './comparison.js'
import { ratioOf } from './ratio.js'
import type { Scenario } from './schema.js'

/** How many times as much as the baseline a side does: the median of the cases. */
export interface Gain {
  side: string
  value: number
  /** All cases lie between these; with only one case, they are its interval. */
  low: number
  high: number
}

export interface Gains {
  metric: string
  baseline: string
  ideal: string | undefined
  /** How many cases there are. */
  cases: number
  /** From the largest to the smallest, including the baseline's, which is 1. */
  gains: readonly Gain[]
  /** The largest difference of a way from @reuse, relative to @reuse; without ideal and baseline. */
  farthest: number
  /** Whether that is too small a difference to choose by. */
  equal: boolean
}

/** Ways whose medians differ by no more than this are reported as equal. */
const negligible = 0.05

/** The throughput of each side relative to the baseline's, by the scenario's main metric. */
export function gainsOf(scenarios: readonly Scenario[]): Gains | undefined {
  const scenario = scenarios.find(({ name }) => name === 'throughput')
  const metric = scenario?.cases[0]?.measures[0]?.metric
  if (scenario?.baseline === undefined || metric === undefined) return undefined
  const { baseline, ideal, cases } = scenario
  const gains = gainsBeside(baseline, metric, scenario)
  const reuse =
    gains.find(({ side }) => side === '@reuse') ?? gains.find(({ side }) => isReuse(side))
  if (reuse === undefined) return undefined
  const others = gains.filter(({ side }) => side !== baseline && side !== ideal && !isReuse(side))
  const farthest = Math.max(0, ...others.map(({ value }) => Math.abs(value / reuse.value - 1)))
  const equal = others.length > 0 && farthest <= negligible
  return { metric, baseline, ideal, cases: cases.length, gains, farthest, equal }
}

function gainsBeside(baseline: string, metric: string, { cases }: Scenario): Gain[] {
  const points = cases.flatMap(({ measures }) => {
    const shown = measures.filter((measure) => measure.metric === metric)
    const base = shown.find(({ side }) => side === baseline)
    if (base === undefined) return []
    return shown.map((measure) => ({ side: measure.side, ...ratioOf(measure, base) }))
  })
  const sides = [...new Set(points.map(({ side }) => side))]
  return sides
    .map((side) =>
      middleOf(
        side,
        points.filter((point) => point.side === side),
      ),
    )
    .sort((a, b) => b.value - a.value)
}

function middleOf(side: string, cases: readonly Gain[]): Gain {
  const values = cases.map(({ value }) => value)
  const [only] = cases
  const spread =
    only !== undefined && cases.length === 1
      ? { low: only.low, high: only.high }
      : { low: Math.min(...values), high: Math.max(...values) }
  return { side, value: median(values), ...spread }
}
