/** The figures that scenarios take from a trial. */
import type { Metric, Sample } from '../rounds.js'
import type { Outcome } from './trial.js'

const requests: Metric = { metric: 'requests per second', unit: '/s', better: 'more' }
const cpu: Metric = { metric: 'CPU time per 100,000 requests', unit: 's', better: 'less' }
const resident: Metric = { metric: 'resident memory per worker', unit: 'MiB', better: 'less' }
const memory: Metric = { metric: 'memory of all processes', unit: 'MiB', better: 'less' }

export const names = { requests: requests.metric, cpu: cpu.metric }

/** What was done, in how much time, and with how much processor time. */
export interface Worked {
  requests: number
  seconds: number
  usage: { cpuSeconds: number } | null
}

export function requestsPerSecond({ requests: count, seconds }: Omit<Worked, 'usage'>): Sample {
  return { metric: requests, value: count / seconds }
}

export function cpuPerRequests({ requests: count, usage }: Worked): Sample {
  return { metric: cpu, value: (known(usage).cpuSeconds / count) * 100_000 }
}

export function residentMemory({ usage }: Outcome): Sample {
  return { metric: resident, value: known(usage).residentPerWorker }
}

export function memoryOfAll({ usage }: Outcome): Sample {
  return { metric: memory, value: known(usage).memory }
}

function known<T>(usage: T | null): T {
  if (usage === null) throw new Error('what processes use is known on Linux only')
  return usage
}
