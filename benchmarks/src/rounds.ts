import type { Progress } from './harness/benchmark.js'
import type { Case, Measure } from './report/index.js'

/** How many digits are kept: nothing that is measured here is exact to more. */
const digits = 6

/** What a figure measures. */
export type Metric = Omit<Measure, 'side' | 'samples'>

/** One figure from a trial. */
export interface Sample {
  metric: Metric
  value: number
}

/** One side of a case. */
export interface Contender {
  side: string
  /** Runs in fresh processes. A metric that is not in the result of every trial is left out. */
  trial(round: number): Promise<Sample[]>
}

export interface Contest extends Omit<Case, 'measures'> {
  contenders: readonly Contender[]
}

/**
 * Measures all sides of all cases, round by round. Within a case the sides take turns, in every
 * second round in reverse order: A B, B A, A B. A trial that fails is repeated once, immediately; if
 * that fails too, the side is left out of its case.
 */
export async function runRounds(
  contests: readonly Contest[],
  rounds: number,
  progress: Progress,
): Promise<Case[]> {
  const total = rounds * contests.reduce((sum, { contenders }) => sum + contenders.length, 0)
  let done = 0
  const running = contests.map(({ contenders, ...each }) => {
    return { each, contenders: new Map(contenders.map((one) => [one, new Map<string, Measure>()])) }
  })
  for (let round = 0; round < rounds; round++) {
    for (const { each, contenders } of running) {
      const order = [...contenders]
      for (const [contender, measures] of round % 2 === 0 ? order : order.reverse()) {
        const what = `${each.name}, ${contender.side}, round ${round + 1} of ${rounds}`
        progress.step(what, done, total)
        try {
          collect(contender.side, await trialOf(contender, round, what, progress), measures)
        } catch (error) {
          progress.fail(what, error)
          contenders.delete(contender)
          done += rounds - round - 1
        }
        done++
      }
    }
  }
  return running.map(({ each, contenders }) => {
    const measures = [...contenders.values()].flatMap((side) => [...side.values()])
    return { ...each, measures: measures.filter(({ samples }) => samples.length === rounds) }
  })
}

async function trialOf(
  contender: Contender,
  round: number,
  what: string,
  progress: Progress,
): Promise<Sample[]> {
  try {
    return await contender.trial(round)
  } catch (error) {
    progress.again(what, error)
    return await contender.trial(round)
  }
}

function collect(side: string, samples: readonly Sample[], into: Map<string, Measure>): void {
  for (const { metric, value } of samples) {
    const measure = into.get(metric.metric) ?? { side, ...metric, samples: [] }
    measure.samples.push(Number(value.toPrecision(digits)))
    into.set(metric.metric, measure)
  }
}
