/**
 * More processes than this machine has processors: a handler that blocks its event loop without
 * computing stands for a busy process that has a processor to itself.
 */
import { loadBenchmark } from '../harness/load-benchmark.js'
import { requestsPerSecond } from '../harness/trial-metrics.js'

const few = [4, 16]
const all = [1, 4, 16, 64]

/** So many that every process always has a client waiting, even when a hash spreads the clients. */
const clientsPerMember = 16

export const scale = loadBenchmark({
  name: 'scale',
  question: 'How does throughput grow with the number of processes?',
  axis: 'members',
  rounds: 6,
  seconds: 0.8,
  cases: ({ full }) =>
    (full ? all : few).map((members) => ({
      name: members === 1 ? '1 member' : `${members} members`,
      ...{ framework: 'http', handler: 'hold', members },
      ...{ connections: 'kept', clients: clientsPerMember * members },
    })),
  metrics: [requestsPerSecond],
})
