import type { Report } from '../report/index.js'
import { formatTable } from '../table.js'
import { figureRules } from './figure-rules.js'
import { ratioRules } from './ratio-rules.js'
import type { Finding, Rule } from './rule.js'

/** What has to hold, and whether it does according to a report. */
export interface Claim extends Omit<Finding, 'side'> {
  /** The scenario and case, the metric, and the side if it is not plain @reuse. */
  what: string
  wanted: string
}

const rules: readonly Rule[] = [...ratioRules, ...figureRules]

/** Every claim for which the report has the figures. */
export function claimsOf({ scenarios }: Report): Claim[] {
  return rules.flatMap(({ scenario, metric, where = () => true, wanted, findings }) => {
    const cases = scenarios.find(({ name }) => name === scenario)?.cases ?? []
    return cases
      .filter(({ parameters }) => where(parameters))
      .flatMap((each) => {
        const measures = each.measures.filter((measure) => measure.metric === metric)
        return findings(measures, each.parameters).map(({ side, ...finding }) => {
          return { what: `${scenario}, ${each.name}:\n${metric}${side}`, wanted, ...finding }
        })
      })
  })
}

export function formatClaims(report: Report): string {
  const claims = claimsOf(report)
  if (claims.length === 0) return ''
  const rows = claims.map(({ what, wanted, measured, verdict }) => [
    what,
    wanted,
    measured,
    verdict,
  ])
  return `\nclaims\n${formatTable(['@reuse in', 'wanted', 'measured', ''], rows)}`
}
