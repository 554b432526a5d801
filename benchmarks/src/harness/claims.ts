import { isReuse } from '../report/comparison.js'
import type { Case, Measure, Report } from '../report/index.js'
import { formatInterval } from '../report/quantity.js'
import { type Ratio, ratioOf } from '../report/ratio.js'
import { clusterRoundRobin } from '../sides/cluster.js'
import { reusePort } from '../sides/reuse-port.js'
import { separatePorts } from '../sides/separate-ports.js'
import { single } from '../sides/single.js'
import { formatTable } from '../table.js'
import { names } from './trial-metrics.js'

/** What has to hold, and what a report says to it. */
export interface Claim {
  /** In which case; and what, beside whom. */
  what: string
  wanted: string
  ratio: Ratio
  holds: boolean
}

interface Rule {
  scenario: string
  metric: string
  beside: string
  /** Of which cases it is to hold; all, where it is left out. */
  where?: (parameters: Case['parameters']) => boolean
  wanted: string
  holds: (ratio: Ratio) => boolean
}

const rules: readonly Rule[] = [
  {
    scenario: 'throughput',
    metric: names.requests,
    beside: single.title,
    where: ({ handler, members }) => handler === '1 ms of CPU' && members === 2,
    ...atLeast(1.9),
  },
  {
    scenario: 'scale',
    metric: names.requests,
    beside: separatePorts.title,
    where: ({ members }) => members === 16,
    ...atLeast(0.98),
  },
  {
    scenario: 'throughput',
    metric: names.requests,
    beside: reusePort.title,
    ...notLess(),
  },
  {
    scenario: 'connections',
    metric: names.requests,
    beside: reusePort.title,
    ...notLess(),
  },
  {
    scenario: 'connections',
    metric: names.requests,
    beside: clusterRoundRobin.title,
    ...atLeast(1.8),
  },
  {
    scenario: 'cost',
    metric: names.cpu,
    beside: clusterRoundRobin.title,
    where: ({ connections }) => connections === 'new',
    ...atMost(0.6),
  },
  {
    scenario: 'overhead',
    metric: 'instructions per request',
    beside: 'bare framework',
    ...atMost(1.01),
  },
]

function atLeast(least: number): Pick<Rule, 'wanted' | 'holds'> {
  return { wanted: `≥ ${least}`, holds: ({ value }) => value >= least }
}

function atMost(most: number): Pick<Rule, 'wanted' | 'holds'> {
  return { wanted: `≤ ${most}`, holds: ({ value }) => value <= most }
}

/** Two things that are alike fall on either side of 1: what counts is that less is not shown. */
function notLess(): Pick<Rule, 'wanted' | 'holds'> {
  return { wanted: '≥ 1 within noise', holds: ({ high }) => high >= 1 }
}

/** Every claim of which the report has the figures. */
export function claimsOf({ scenarios }: Report): Claim[] {
  return rules.flatMap(({ scenario, metric, beside, where = () => true, wanted, holds }) => {
    const cases = scenarios.find(({ name }) => name === scenario)?.cases ?? []
    return cases
      .filter(({ parameters }) => where(parameters))
      .flatMap(({ name, measures }) => {
        const of = (is: (side: string) => boolean): Measure | undefined =>
          measures.find((measure) => measure.metric === metric && is(measure.side))
        const [reuse, other] = [of(isReuse), of((side) => side === beside)]
        if (reuse === undefined || other === undefined) return []
        const ratio = ratioOf(reuse, other)
        const what = `${scenario}, ${name}:\n${metric} beside ${beside}`
        return [{ what, wanted, ratio, holds: holds(ratio) }]
      })
  })
}

export function formatClaims(report: Report): string {
  const claims = claimsOf(report)
  if (claims.length === 0) return ''
  const rows = claims.map(({ what, wanted, ratio, holds }) => [
    what,
    wanted,
    formatInterval(ratio),
    holds ? 'holds' : 'FALLS SHORT',
  ])
  return `\nwhat has to hold\n${formatTable(['@reuse in', 'wanted', 'measured', ''], rows)}`
}
