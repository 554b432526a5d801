import { bare, exec } from '../exec/sides.js'
import { names as manager } from '../manager/metrics.js'
import { fewestRounds } from '../report/comparison.js'
import type { Case } from '../report/index.js'
import { formatInterval } from '../report/quantity.js'
import { type Ratio, ratioOf } from '../report/ratio.js'
import { clusterNone, clusterRoundRobin } from '../sides/cluster.js'
import { pm2 } from '../sides/pm2.js'
import { reuse } from '../sides/reuse.js'
import { reusePort } from '../sides/reuse-port.js'
import { reuseRun } from '../sides/reuse-run.js'
import { separatePorts } from '../sides/separate-ports.js'
import { single } from '../sides/single.js'
import { withoutRescue } from '../sides/without-rescue.js'
import { latencyName } from '../tail/latency.js'
import { stalledName } from '../tail/stall.js'
import type { Finding, Rule } from './rule.js'
import { names } from './trial-metrics.js'

interface RatioRule extends Omit<Rule, 'findings'> {
  /** Default: @reuse itself. */
  side?: string
  beside: string
  judge: (ratio: Ratio) => Finding['verdict']
}

/** What has to hold for @reuse compared with another side. */
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
  {
    scenario: 'exec',
    metric: names.requests,
    side: exec.title,
    beside: bare.title,
    ...notLess(0.99),
  },
  {
    scenario: 'manager',
    metric: manager.start,
    side: reuseRun.title,
    beside: pm2.title,
    ...atMost(1),
  },
]

export const ratioRules: readonly Rule[] = rules.map(
  ({ side = reuse.title, beside, judge, ...rule }) => ({
    ...rule,
    findings: (measures) => {
      const ours = measures.find((each) => each.side === side)
      const other = measures.find((each) => each.side === beside)
      if (ours === undefined || other === undefined) return []
      const ratio = ratioOf(ours, other)
      const verdict = ratio.rounds < fewestRounds ? 'too few to tell' : judge(ratio)
      return [{ side: ` beside ${beside}`, measured: formatInterval(ratio), verdict }]
    },
  }),
)

/** Returns whether a worker stalls now and then, instead of being slow only. */
function stalls(parameters: Case['parameters']): boolean {
  return stalledName in parameters
}

function atLeast(least: number): Pick<RatioRule, 'wanted' | 'judge'> {
  const judge: RatioRule['judge'] = ({ value }) => (value >= least ? 'holds' : 'fails')
  return { wanted: `≥ ${least}`, judge }
}

function atMost(most: number): Pick<RatioRule, 'wanted' | 'judge'> {
  const judge: RatioRule['judge'] = ({ value }) => (value <= most ? 'holds' : 'fails')
  return { wanted: `≤ ${most}`, judge }
}

/** How far below the bound an interval may reach at most and still show that two things are alike. */
const noise = 0.05

/** The ratio of two things that are alike falls on either side of 1: only a proven shortfall fails. */
function notLess(than = 1): Pick<RatioRule, 'wanted' | 'judge'> {
  const judge: RatioRule['judge'] = ({ low, high }) => {
    if (high < than) return 'fails'
    return low >= than - noise ? 'holds' : 'too few to tell'
  }
  return { wanted: `≥ ${than} within noise`, judge }
}
