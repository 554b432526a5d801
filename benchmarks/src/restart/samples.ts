/** The figures of a storm in which workers are replaced. */
import { max } from 'simple-statistics'
import { failuresOf } from '../load/tally.js'
import type { Metric, Sample } from '../rounds.js'
import { type Percentile, percentilesOf } from '../statistics.js'
import type { Storm } from './storm.js'

/** The mean of all rounds: the median of something rare would be 0. */
const failed: Metric = {
  metric: 'failed requests per restart',
  unit: '',
  better: 'less',
  summary: 'mean',
}
const failedKept: Metric = {
  ...failed,
  metric: 'failed requests of keep-alive clients per restart',
}
const unsent: Metric = {
  ...failed,
  metric: 'requests not sent, as 2,000 waited, per restart',
}
const longest: Metric = {
  metric: 'longest wait of a request that was answered',
  unit: 'ms',
  better: 'less',
}
/** Such as `time of a leave p95`. */
const timeOfLeave = (percentile: Percentile): Metric => ({
  metric: `time of a leave ${percentile}`,
  unit: 'ms',
  better: 'less',
})
const time: Metric = { metric: 'time of a restart', unit: 'ms', better: 'neither' }

export const names = { failed: failed.metric, leave: timeOfLeave('p50').metric }

/** The parameter that says how many workers were replaced in a round. */
export const restartsARound = 'restarts a round'

export function samplesOf({ restarts, seconds, leaves, load }: Storm): Sample[] {
  return [
    { metric: failed, value: failuresOf(load.newConnections) / restarts },
    { metric: failedKept, value: failuresOf(load.keepAlive) / restarts },
    { metric: unsent, value: load.withheld / restarts },
    { metric: longest, value: max(load.latencies.map((latency) => latency ?? 0)) },
    { metric: time, value: (1000 * seconds) / restarts },
    ...(leaves.length === 0
      ? []
      : percentilesOf(leaves, ['p50', 'p95', 'max']).map(([name, value]) => {
          return { metric: timeOfLeave(name), value }
        })),
  ]
}
