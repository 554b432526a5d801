import { mean, sum } from 'simple-statistics'
import type { RunningSide } from '../sides/side.js'
import { cpuSecondsOf, memoryOf, processesOf } from './processes.js'

/** What the system tells of the processes of a side. */
export interface Usage {
  /** Of all processes of the side, during the measurement. */
  cpuSeconds: number
  /** After it, in MiB, as `ps` tells it: the mean of the workers. */
  residentPerWorker: number
  /** Of all processes of the side, in MiB; what some share counts once. */
  memory: number
}

/** Begins to measure what a side uses; the result tells it. Linux. */
export function startMeter(running: RunningSide): () => Usage {
  const pids = processesOf(running)
  const before = cpuSecondsOf(pids)
  return () => {
    const cpuSeconds = cpuSecondsOf(pids) - before
    return {
      cpuSeconds,
      residentPerWorker: mean(running.workers.map((pid) => memoryOf(pid).resident)),
      memory: sum(pids.map((pid) => memoryOf(pid).proportional)),
    }
  }
}
