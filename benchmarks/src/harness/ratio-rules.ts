import { bare } from '../exec/sides.js'
import { isReuse } from '../report/comparison.js'
import type { Case } from '../report/index.js'
import { formatInterval } from '../report/quantity.js'
import { type Ratio, ratioOf } from '../report/ratio.js'
import { clusterNone, clusterRoundRobin } from '../sides/cluster.js'
import { reusePort } from '../sides/reuse-port.js'
import { separatePorts } from '../sides/separate-ports.js'
import { single } from '../sides/single.js'
import { withoutRescue } from '../sides/without-rescue.js'
import { latencyName } from '../tail/latency.js'
import { stalledName } from '../tail/stall.js'
import type { Rule } from './rule.js'
import { names } from './trial-metrics.js'

interface RatioRule extends Omit<Rule, 'findings'> {
  beside: string
  holds: (ratio: Ratio) => boolean
}

/** What has to hold of @reuse beside another side. */
const rules: readonly RatioRule[] = [
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
  { scenario: 'cost', metric: names.cpu, beside: withoutRescue.title, ...atMost(1.01) },
  {
    scenario: 'tail',
    metric: latencyName('p99'),
    beside: reusePort.title,
    where: stalls,
    ...atMost(1 / 25),
  },
  {
    scenario: 'tail',
    metric: latencyName('p99.9'),
    beside: clusterRoundRobin.title,
    where: stalls,
    ...atMost(1 / 5),
  },
  ...(['p99', 'p99.9'] as const).map((percentile) => {
    const metric = latencyName(percentile)
    return { scenario: 'tail', metric, beside: clusterNone.title, where: stalls, ...atMost(2) }
  }),
  {
    scenario: 'overhead',
    metric: 'instructions per request',
    beside: 'bare framework',
    ...atMost(1.01),
  },
  { scenario: 'exec', metric: names.requests, beside: bare.title, ...notLess(0.99) },
]

export const ratioRules: readonly Rule[] = rules.map(({ beside, holds, ...rule }) => ({
  ...rule,
  findings: (measures) => {
    const reuse = measures.find(({ side }) => isReuse(side))
    const other = measures.find(({ side }) => side === beside)
    if (reuse === undefined || other === undefined) return []
    const ratio = ratioOf(reuse, other)
    const verdict = holds(ratio) ? 'holds' : 'FALLS SHORT'
    return [{ side: ` beside ${beside}`, measured: formatInterval(ratio), verdict }]
  },
}))

/** Whether a worker stands still now and then, and is not slow only. */
function stalls(parameters: Case['parameters']): boolean {
  return stalledName in parameters
}

function atLeast(least: number): Pick<RatioRule, 'wanted' | 'holds'> {
  return { wanted: `≥ ${least}`, holds: ({ value }) => value >= least }
}

function atMost(most: number): Pick<RatioRule, 'wanted' | 'holds'> {
  return { wanted: `≤ ${most}`, holds: ({ value }) => value <= most }
}

/** Two things that are alike fall on either side of 1: what counts is that less is not shown. */
function notLess(than = 1): Pick<RatioRule, 'wanted' | 'holds'> {
  return { wanted: `≥ ${than} within noise`, holds: ({ high }) => high >= than }
}
