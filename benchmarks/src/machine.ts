import os from 'node:os'
import type { Report } from './report/index.js'

/** What a figure is worth nothing without. */
export function thisMachine(): Report['machine'] {
  const cpus = os.cpus()
  return {
    system: `${os.type()} ${os.arch()}`,
    kernel: os.release(),
    processor: cpus[0]?.model.trim() || 'unknown',
    // Those that this program may use: a container may have fewer than the machine.
    processors: os.availableParallelism(),
    memory: os.totalmem(),
  }
}
