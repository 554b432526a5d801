import { formatInterval, formatNumber } from './quantity.js'
import { type Ratio, ratioOf, summaryOf } from './ratio.js'
import type { Case, Measure, Scenario } from './schema.js'

/** What a ratio says about @reuse. `too few rounds`: too few for an interval. */
export type Verdict = 'wins' | 'loses' | 'no difference' | 'too few rounds' | 'not judged'

/** @reuse compared with one of the others, in one case and by one metric. */
export interface Comparison {
  scenario: Scenario
  case: Case
  reuse: Measure
  other: Measure
  /** The ratio of @reuse to the other. */
  ratio: Ratio
  verdict: Verdict
}

/** With fewer, not even the smallest and the largest ratio bound a 95 % interval. */
export const fewestRounds = 6

export function isReuse(side: string): boolean {
  return side.startsWith('@reuse')
}

/** @reuse with an option that turns something off: compared with @reuse, but not an alternative to it. */
export const withoutRescueName = 'rescue: false'

/** A cache: an interval takes thousands of resamples, and several pages and charts need the same one. */
const known = new WeakMap<Scenario, readonly Comparison[]>()

/** Compares each side that uses @reuse with each that does not. The scenario must not change later. */
export function comparisonsOf(scenario: Scenario): readonly Comparison[] {
  const comparisons = known.get(scenario) ?? compare(scenario)
  known.set(scenario, comparisons)
  return comparisons
}

function compare(scenario: Scenario): Comparison[] {
  return scenario.cases.flatMap((each) => {
    const others = each.measures.filter(({ side }) => !isReuse(side))
    return each.measures
      .filter(({ side }) => isReuse(side))
      .flatMap((reuse) =>
        others
          .filter(({ metric }) => metric === reuse.metric)
          .map((other) => {
            const ratio = ratioOf(reuse, other)
            const verdict = judge(ratio, reuse, other)
            return { scenario, case: each, reuse, other, ratio, verdict }
          }),
      )
  })
}

/** The ratio; if one of the two is 0, both figures instead, because a quotient then says nothing. */
export function formatComparison(
  { reuse, other, ratio }: Comparison,
  format: (ratio: Ratio) => string = formatInterval,
): string {
  const [ours, theirs] = [summaryOf(reuse), summaryOf(other)]
  if (ours === 0 && theirs === 0) return 'both 0'
  if (ours === 0 || theirs === 0) return `${formatNumber(ours)} ÷ ${formatNumber(theirs)}`
  return format(ratio)
}

function judge({ low, high, rounds }: Ratio, reuse: Measure, other: Measure): Verdict {
  const { better } = reuse
  if (better === 'neither') return 'not judged'
  if (rounds < fewestRounds) return 'too few rounds'
  if (low <= 1 && high >= 1) return 'no difference'
  if (reuse.summary === 'mean' && roundsThatDiffer(reuse, other) < fewestRounds) {
    return 'no difference'
  }
  return low > 1 === (better === 'more') ? 'wins' : 'loses'
}

/**
 * For rare events, a round or two with some and the others with none too easily make an interval that
 * excludes 1: so at least as many rounds must differ as an interval needs.
 */
function roundsThatDiffer({ samples }: Measure, other: Measure): number {
  return samples.filter((sample, index) => sample !== other.samples[index]).length
}
