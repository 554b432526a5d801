import type { NamedReport } from './published.js'

/** Every scenario that there is, in the order in which they run. */
export const scenarioNames = [
  'throughput',
  'connections',
  'scale',
  'cost',
  'tail',
  'restart',
  'crash',
  'sticky',
  'steering',
  'overhead',
  'exec',
  'manager',
] as const

/** The newest report that has a scenario. */
export interface LastMeasured {
  scenario: string
  /** The name of that report; null if no published report has the scenario. */
  report: string | null
  question: string | null
}

/** Where a reader finds each scenario. */
export function lastMeasured(newestFirst: readonly NamedReport[]): LastMeasured[] {
  return scenarioNames.map((scenario) => {
    for (const { name, report } of newestFirst) {
      const found = report.scenarios.find((each) => each.name === scenario)
      if (found !== undefined) return { scenario, report: name, question: found.question }
    }
    return { scenario, report: null, question: null }
  })
}

/** The scenarios that a report lacks, and which reports have them. */
export function missingFrom(
  { report }: NamedReport,
  newestFirst: readonly NamedReport[],
): LastMeasured[] {
  const has = new Set(report.scenarios.map(({ name }) => name))
  return lastMeasured(newestFirst).filter(({ scenario }) => !has.has(scenario))
}
