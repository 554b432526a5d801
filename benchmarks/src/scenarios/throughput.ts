/** The headline: two processes on one port compared with one process, on connections that are kept. */
import { type Handler, handlerNames } from '../apps/handlers.js'
import { type Framework, frameworkNames } from '../apps/index.js'
import { loadBenchmark } from '../harness/load-benchmark.js'
import { requestsPerSecond } from '../harness/trial-metrics.js'

/** With `hello` and few processors the load generator, which shares them, is the limit. */
const few: readonly (readonly [Framework, Handler])[] = [
  ['http', 'cpu'],
  ['http', 'hello'],
]
const all: typeof few = [...few, ['express', 'cpu'], ['fastify', 'cpu'], ['koa', 'cpu']]

export const throughput = loadBenchmark({
  name: 'throughput',
  question: 'How many requests do two processes on one port answer, beside one process?',
  rounds: 6,
  seconds: 0.8,
  cases: ({ full }) =>
    (full ? all : few).map(([framework, handler]) => ({
      name: `${frameworkNames[framework]}, ${handlerNames[handler]}`,
      ...{ framework, handler, members: 2, connections: 'kept', clients: 64 },
    })),
  metrics: [requestsPerSecond],
})
