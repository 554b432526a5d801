import type { AppMeasures } from '../control/messages.js'

type WorkerMeasures = AppMeasures['workers'][number]

/** A worker, and what it did in the time between two looks. */
export type WorkerRates = WorkerMeasures & {
  /** Connections accepted per second. */
  acceptedPerSecond: number | null
  /** How busy it kept processors, in percent of one. */
  cpu: number | null
}

export interface AppRates extends AppMeasures {
  workers: WorkerRates[]
}

/** What an app did between two looks: pure. A worker that was not there before has no rates yet. */
export function ratesOf(before: AppMeasures | undefined, now: AppMeasures): AppRates {
  const workers = now.workers.map((worker) => {
    const then = before?.workers.find((one) => isSame(one, worker))
    return { ...worker, ...workerRates(then, worker) }
  })
  return { ...now, workers }
}

/** While a worker is being replaced, two have the same number. */
function isSame(one: WorkerMeasures, other: WorkerMeasures): boolean {
  if (one.pid === null || one.pid !== other.pid) return false
  return one.worker === other.worker && one.version === other.version
}

function workerRates(then: WorkerMeasures | undefined, now: WorkerMeasures) {
  const milliseconds = (now.uptime ?? 0) - (then?.uptime ?? 0)
  const rate = (before: number | null | undefined, value: number | null): number | null => {
    // Less than before: another process has got the same pid, or its server listens again.
    if (before === null || before === undefined || value === null || value < before) return null
    return milliseconds > 0 ? (value - before) / milliseconds : null
  }
  const accepted = rate(then?.accepted, now.accepted)
  const cpuTime = rate(then?.cpuTime, now.cpuTime)
  return {
    acceptedPerSecond: accepted === null ? null : round(accepted * 1000),
    cpu: cpuTime === null ? null : round(cpuTime * 100),
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
