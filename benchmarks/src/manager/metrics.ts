/** What is measured of a manager of workers. */
import type { Metric } from '../rounds.js'

export const startTime: Metric = {
  metric: 'start until all workers serve',
  unit: 'ms',
  better: 'less',
}
export const cpu: Metric = {
  metric: 'CPU time of the manager',
  unit: '% of a core',
  better: 'less',
}
export const memory: Metric = { metric: 'memory of the manager', unit: 'MiB', better: 'less' }

export const names = { start: startTime.metric, cpu: cpu.metric, memory: memory.metric }
