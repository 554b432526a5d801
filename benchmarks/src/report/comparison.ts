import { formatInterval, formatNumber } from './quantity.js'
import { type Ratio, ratioOf, summaryOf } from './ratio.js'
import type { Case, Measure, Scenario } from './schema.js'

/** What a ratio says of @reuse. `too few rounds`: no interval would deserve its name. */
export type Verdict = 'wins' | 'loses' | 'no difference' | 'too few rounds' | 'not judged'

/** @reuse beside one of the others, in one case and by one metric. */
export interface Comparison {
  scenario: Scenario
  case: Case
  reuse: Measure
  other: Measure
  /** Of @reuse to the other. */
  ratio: Ratio
  verdict: Verdict
}

/** With fewer, the smallest and the largest ratio are no 95 % interval either. */
export const fewestRounds = 6

export function isReuse(side: string): boolean {
  return side.startsWith('@reuse')
}

/** @reuse with an option that takes something away: compared with it, and nobody's other way. */
export const withoutRescueName = 'rescue: false'

/** An interval takes thousands of resamples, and several pages and charts tell of the same. */
const known = new WeakMap<Scenario, readonly Comparison[]>()

/** Every side that uses @reuse beside every side that does not. A scenario may not change later. */
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

/** The ratio; or, where one of the two has nothing, both figures, for a quotient tells nothing then. */
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
 * Of what is rare, a round or two with some and the others with none make an interval that leaves out 1
 * too easily: as many rounds have to differ as an interval takes.
 */
function roundsThatDiffer({ samples }: Measure, other: Measure): number {
  return samples.filter((sample, index) => sample !== other.samples[index]).length
}
