import { isReuse, withoutRescueName } from './comparison.js'
import { summaryOf } from './ratio.js'
import type { Case, Measure, Scenario } from './schema.js'

/** One metric in one case, at the beginning of a report. */
export interface Finding {
  scenario: Scenario
  case: Case
  /** From the best to the worst; @reuse is among them. */
  measures: readonly [Measure, ...Measure[]]
  /** The other ways that were not measured in this case. */
  missing: readonly string[]
}

/** Which case represents its scenario, and by which metric; default: the main metric. */
interface Choice {
  scenario: string
  choose(cases: readonly Case[]): Case | undefined
  metric?: string
}

const choices = {
  /** The case with the longest delay between client and server, as real clients have. */
  restart: {
    scenario: 'restart',
    choose: (cases) => [...cases].sort((a, b) => delayOf(b) - delayOf(a))[0],
  },
  /** The case with a queue, whose connections are lost or not. */
  crash: {
    scenario: 'crash',
    choose: (cases) => cases.find(({ parameters }) => 'queue' in parameters) ?? cases[0],
  },
  tail: { scenario: 'tail', choose: (cases) => cases[0], metric: 'latency p99' },
} satisfies Record<string, Choice>

export type FindingName = keyof typeof choices

/** The findings in which @reuse differs from the other ways, as far as the report has them. */
export function findingOf(name: FindingName, scenarios: readonly Scenario[]): Finding | undefined {
  const { scenario: wanted, choose, metric }: Choice = choices[name]
  const scenario = scenarios.find((each) => each.name === wanted)
  const chosen = scenario && choose(scenario.cases)
  if (scenario === undefined || chosen === undefined) return undefined
  const main = metric ?? chosen.measures[0]?.metric
  const [first, ...others] = chosen.measures
    .filter((each) => each.metric === main && each.side !== withoutRescueName)
    .sort((a, b) => betterFirst(a, b))
  if (first === undefined || ![first, ...others].some(({ side }) => isReuse(side))) return undefined
  const measures: Finding['measures'] = [first, ...others]
  const missing = otherWays(scenarios).filter((way) => !measures.some(({ side }) => side === way))
  return { scenario, case: chosen, measures, missing }
}

/** Every alternative to @reuse that occurs in these scenarios. */
function otherWays(scenarios: readonly Scenario[]): string[] {
  const names = ['throughput', ...Object.values(choices).map(({ scenario }) => scenario)]
  const ways = scenarios
    .filter(({ name }) => names.includes(name))
    .flatMap(({ cases, ideal, baseline }) =>
      cases
        .flatMap(({ measures }) => measures.map(({ side }) => side))
        .filter((side) => side !== ideal && side !== baseline),
    )
  return [...new Set(ways)].filter((side) => !isReuse(side) && side !== withoutRescueName)
}

function betterFirst(a: Measure, b: Measure): number {
  const difference = summaryOf(a) - summaryOf(b)
  const sign = a.better === 'more' ? -1 : 1
  return sign * difference || Number(isReuse(b.side)) - Number(isReuse(a.side))
}

function delayOf({ parameters }: Case): number {
  return Number(parameters['ms between client and server'] ?? 0)
}
