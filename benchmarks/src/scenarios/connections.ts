/** What it costs to get a new connection to its process: each request has its own connection. */
import { loadBenchmark } from '../harness/load-benchmark.js'
import { requestsPerSecond } from '../harness/trial-metrics.js'

export const connections = loadBenchmark({
  name: 'connections',
  question: 'How many requests are answered if each comes on a new connection?',
  rounds: 8,
  seconds: 0.8,
  cases: () => [
    {
      name: 'a new connection for each request',
      ...{ framework: 'http', handler: 'hello', members: 2, connections: 'new', clients: 256 },
    },
  ],
  metrics: [requestsPerSecond],
})
