import os from 'node:os'
import type { Report } from './report/index.js'

/** What a reader must know for a figure to mean anything. */
export function thisMachine(): Report['machine'] {
  const cpus = os.cpus()
  return {
    system: `${os.type()} ${os.arch()}`,
    kernel: os.release(),
    processor: cpus[0]?.model.trim() || 'unknown',
    // The processors that this program may use: a container may have fewer than the machine.
    processors: os.availableParallelism(),
    memory: os.totalmem(),
  }
}
