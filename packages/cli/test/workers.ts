/** Workers of a supervisor, for tests of its parts. */
import { identify } from '../src/state/process-identity.js'
import { AdoptedProcess } from '../src/supervisor/adopted-process.js'
import { Worker } from '../src/supervisor/worker.js'
import { noOutput } from '../src/supervisor/worker-output.js'

/** A process that runs already, as a worker. */
export function workerOf(pid: number): Worker {
  const facts = { id: 1, slot: 1, version: 1, definition: 'test' }
  const { startTime } = identify(pid) ?? { startTime: 0 }
  const process = new AdoptedProcess({ ...facts, pid, startTime, isReady: false })
  process.release()
  return new Worker(facts, process, noOutput, () => {})
}
