import { sum } from 'simple-statistics'
import { idleName } from '../cost/idle.js'
import { names as crash, crashesARound, victimsName } from '../crash/samples.js'
import { launchersName } from '../exec/memory.js'
import { beyondName } from '../exec/start-up.js'
import { names as manager } from '../manager/metrics.js'
import { isReuse } from '../report/comparison.js'
import type { Measure } from '../report/index.js'
import { formatNumber, formatQuantity } from '../report/quantity.js'
import { summaryOf } from '../report/ratio.js'
import { names as restart, restartsARound } from '../restart/samples.js'
import { reuseRun } from '../sides/reuse-run.js'
import { withoutRescue } from '../sides/without-rescue.js'
import type { Finding, Rule } from './rule.js'

/** What has to hold for figures of @reuse on its own. */
export const figureRules: readonly Rule[] = [
  {
    scenario: 'restart',
    metric: restart.failed,
    ...noneIn({ least: 200, countARound: restartsARound }),
  },
  { scenario: 'restart', metric: restart.leave, ...atMost(3, 'ms') },
  {
    scenario: 'crash',
    metric: crash.beyond,
    // If no member is left, nobody holds the waiting connections, unless there is a manager.
    where: (parameters) => parameters[victimsName] !== 'all members',
    ...noneIn({ least: 40, countARound: crashesARound }),
  },
  {
    scenario: 'crash',
    metric: crash.beyond,
    where: (parameters) => parameters[victimsName] === 'all members',
    // Each time four members are killed.
    ...noneIn({ least: 20, countARound: crashesARound, side: reuseRun.title }),
  },
  { scenario: 'crash', metric: crash.firstAnswer, ...atMost(20, 'ms') },
  { scenario: 'cost', metric: idleName, ...atMost(0.1, '% of a core') },
  { scenario: 'exec', metric: beyondName, ...atMost(15, 'ms') },
  { scenario: 'exec', metric: launchersName, ...atMost(2, 'MiB') },
  { scenario: 'manager', metric: manager.cpu, ...atMost(0.2, '% of a core') },
  { scenario: 'manager', metric: manager.memory, ...atMost(60, 'MiB') },
]

interface Counted {
  /** How many occasions there must have been. */
  least: number
  /** The parameter that says how many there were in a round. */
  countARound: string
  /** Which side it is about; default: all that use @reuse. */
  side?: string
}

/** A rule for what must never happen: a sample is how often it happened for each occasion. */
function noneIn({ least, countARound, side }: Counted): Pick<Rule, 'wanted' | 'findings'> {
  return {
    wanted: `0 in ${formatNumber(least)} or more`,
    findings: (measures, parameters) =>
      (side === undefined ? ours(measures) : measures.filter((each) => each.side === side)).map(
        ({ side, samples }) => {
          const aRound = Number(parameters[countARound])
          const happened = Math.round(sum([...samples]) * aRound)
          const occasions = aRound * samples.length
          const measured = `${formatNumber(happened)} in ${formatNumber(occasions)}`
          if (happened > 0) return { side: of(side), measured, verdict: 'fails' }
          return {
            side: of(side),
            measured,
            verdict: occasions < least ? 'too few to tell' : 'holds',
          }
        },
      ),
  }
}

function atMost(most: number, unit: string): Pick<Rule, 'wanted' | 'findings'> {
  return {
    wanted: `≤ ${formatQuantity(most, unit)}`,
    findings: (measures) =>
      ours(measures).map((measure): Finding => {
        const value = summaryOf(measure)
        return {
          side: of(measure.side),
          measured: formatQuantity(value, unit),
          verdict: value <= most ? 'holds' : 'fails',
        }
      }),
  }
}

function ours(measures: readonly Measure[]): Measure[] {
  return measures.filter(({ side }) => isReuse(side) || side === withoutRescue.title)
}

function of(side: string): string {
  return side === withoutRescue.title || side === reuseRun.title ? ` with ${side}` : ''
}
