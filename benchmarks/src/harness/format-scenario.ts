import { comparisonsOf, formatComparison } from '../report/comparison.js'
import type { Case, Measure, Scenario } from '../report/index.js'
import { describeMetric, formatNumber, formatQuantity } from '../report/quantity.js'
import { summaryOf } from '../report/ratio.js'
import { spreadOf } from '../statistics.js'
import { formatTable } from '../table.js'

/** A scenario for the terminal: a table for each metric of each case. */
export function formatScenario(scenario: Scenario): string {
  const settings = Object.entries(scenario.settings).map(([name, value]) => `${name} ${value}`)
  return [
    `${scenario.name}: ${scenario.question}`,
    settings.join(', '),
    ...scenario.cases.flatMap((each) => tablesOf(scenario, each)),
    ...scenario.skipped.map(({ side, reason }) => `without ${side}: ${reason}`),
  ].join('\n')
}

function tablesOf(scenario: Scenario, each: Case): string[] {
  const comparisons = comparisonsOf({ ...scenario, cases: [each] })
  const metrics = [...new Set(each.measures.map(({ metric }) => metric))]
  return metrics.flatMap((metric) => {
    const measures = each.measures.filter((measure) => measure.metric === metric)
    const [first] = measures
    if (first === undefined) return []
    const rows = measures.map((measure) => {
      const found = comparisons.filter(({ other }) => other === measure)
      return [
        measure.side,
        formatQuantity(summaryOf(measure), measure.unit),
        formatSpread(measure),
        found
          .map(
            (comparison) =>
              `${formatComparison(comparison)}${found.length > 1 ? ` ${comparison.reuse.side}` : ''}`,
          )
          .join('\n'),
        found.map(({ verdict }) => verdict).join('\n'),
      ]
    })
    const head = ['', first.summary ?? 'median', 'quartiles', '@reuse is … times that', '@reuse']
    return [`\n${each.name}: ${describeMetric(first)}`, formatTable(head, rows)]
  })
}

function formatSpread({ samples }: Measure): string {
  const { low, high } = spreadOf(samples)
  return `${formatNumber(low)} to ${formatNumber(high)}`
}
