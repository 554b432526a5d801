/** What the servers use for the same work: every process counts, including a primary and a proxy. */

import { idle } from '../cost/idle.js'
import { rescueCost } from '../cost/rescue.js'
import type { Benchmark } from '../harness/benchmark.js'
import { joined } from '../harness/joined.js'
import { loadBenchmark } from '../harness/load-benchmark.js'
import { canReadProcesses } from '../harness/processes.js'
import { cpuPerRequests, memoryOfAll, residentMemory } from '../harness/trial-metrics.js'
import { withoutRescue } from '../sides/without-rescue.js'
import { Skip } from '../skip.js'

const name = 'cost'
const question = 'What do all processes of a side use together?'

const underLoad = loadBenchmark({
  name,
  question,
  rounds: 6,
  seconds: 0.8,
  cases: () => [
    {
      name: 'connections that are kept',
      ...{ framework: 'http', handler: 'hello', members: 2, connections: 'kept', clients: 64 },
    },
    {
      name: 'a new connection for each request',
      ...{ framework: 'http', handler: 'hello', members: 2, connections: 'new', clients: 256 },
    },
  ],
  metrics: [cpuPerRequests, residentMemory, memoryOfAll],
})

const measured = joined({ name, question }, [underLoad, idle, rescueCost(withoutRescue)])

export const cost: Benchmark = {
  ...measured,
  measure: async (settings, progress) => {
    if (!canReadProcesses) throw new Skip('what processes use is read from /proc, on Linux')
    return await measured.measure(settings, progress)
  },
}
