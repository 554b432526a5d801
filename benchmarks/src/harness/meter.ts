import { mean, sum } from 'simple-statistics'
import type { RunningSide } from '../sides/side.js'
import { cpuSecondsOf, memoryOf, processesOf } from './processes.js'

/** What the system reports about the processes of a side. */
export interface Usage {
  /** The processor time of all processes of the side, during the measurement. */
  cpuSeconds: number
  /** After the measurement, in MiB, as `ps` shows it: the mean of the workers. */
  residentPerWorker: number
  /** The memory of all processes of the side, in MiB; memory that several share counts once. */
  memory: number
}

/** Starts to measure what a side uses; the returned function gives the usage. Linux only. */
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
