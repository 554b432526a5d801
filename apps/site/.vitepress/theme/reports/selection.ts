import { familyOf, type Scenario } from '@reuse/benchmarks/charts'

/** What of a scenario is shown. */
export interface Selection {
  /** A metric, or what percentiles are of: `latency`. */
  metric: string
  /** The name of one case; null for all. */
  case: string | null
  hidden: ReadonlySet<string>
}

export function metricsOf({ cases }: Scenario): string[] {
  return unique(cases.flatMap(({ measures }) => measures.map(({ metric }) => familyOf(metric))))
}

export function sidesOf({ cases }: Scenario): string[] {
  return unique(cases.flatMap(({ measures }) => measures.map(({ side }) => side)))
}

/** The scenario as if it had what is selected and nothing else. */
export function select(scenario: Scenario, { metric, case: name, hidden }: Selection): Scenario {
  const cases = scenario.cases
    .filter((each) => name === null || each.name === name)
    .map((each) => ({
      ...each,
      measures: each.measures.filter(
        ({ metric: of, side }) => familyOf(of) === metric && !hidden.has(side),
      ),
    }))
    .filter(({ measures }) => measures.length > 0)
  // One point is no line.
  const { axis, ...rest } = scenario
  return axis === undefined || cases.length < 2 ? { ...rest, cases } : { ...rest, axis, cases }
}

function unique(names: string[]): string[] {
  return [...new Set(names)]
}
