/** The figures of a storm in which members are killed. */
import type { Metric, Sample } from '../rounds.js'
import { percentilesOf } from '../statistics.js'
import { type CrashStorm, longWait } from './storm.js'

/** The mean of all rounds: the median of something rare would be 0. */
const failed: Metric = {
  metric: 'failed requests per crash',
  unit: '',
  better: 'less',
  summary: 'mean',
}
const beyond: Metric = {
  ...failed,
  metric: 'failed requests per crash that the killed member had not accepted',
}
const accepted: Metric = { ...failed, metric: 'failed requests per crash that it had accepted' }
const unsent: Metric = { ...failed, metric: 'requests not sent, as 2,000 waited, per crash' }
const waiting: Metric = {
  metric: `connections that waited for ${longWait} ms at the kill`,
  unit: '',
  better: 'neither',
}
const firstAnswer: Metric = {
  metric: 'time from the kill to the first answer to one of them',
  unit: 'ms',
  better: 'less',
}

export const names = { beyond: beyond.metric, firstAnswer: firstAnswer.metric }

/** The parameter that says who was killed. */
export const victimsName = 'killed'

/** The parameter that says how many crashes there are in a round. */
export const crashesARound = 'crashes a round'

export function samplesOf({ crashes, load, ...storm }: CrashStorm): Sample[] {
  const median = (metric: Metric, values: readonly number[]): Sample[] =>
    values.length === 0
      ? []
      : percentilesOf(values, ['p50']).map(([, value]) => ({ metric, value }))
  return [
    { metric: failed, value: storm.failed / crashes },
    { metric: beyond, value: storm.beyond / crashes },
    { metric: accepted, value: storm.accepted / crashes },
    { metric: unsent, value: load.withheld / crashes },
    ...median(waiting, storm.waiting),
    ...median(firstAnswer, storm.firstAnswers),
  ]
}
