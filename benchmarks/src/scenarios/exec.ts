/** What `reuse exec` costs the program that it starts. */
import { findClient } from '../client/index.js'
import { type LoadFor, pairContenders } from '../cost/pair.js'
import { requireLauncher } from '../exec/command.js'
import { memoryContest } from '../exec/memory.js'
import { bare, exec as execSide } from '../exec/sides.js'
import { startContest } from '../exec/start-up.js'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { cpuPerRequests, requestsPerSecond } from '../harness/trial-metrics.js'
import { loopback } from '../network/loopback.js'
import { type NodeVersion, thisNode } from '../node-version.js'
import { type Contest, runRounds } from '../rounds.js'

const name = 'exec'
const question = 'What does `reuse exec` cost: to start, in memory, and in each request?'

/** How many requests are in flight at the same time. */
const clients = { kept: 64, new: 64 }

/** The warm-up of the pair, in seconds; it is never longer than the measurement. */
const longestWarmup = 1.5

/** What a round takes besides the load, in seconds. */
const around = 8

export const exec = execOf(5)

/** @param starts how often a program is started for one sample of its times */
export function execOf(starts: number): Benchmark {
  return {
    name,
    question,
    estimate: (settings) => {
      const { rounds, seconds, warmup } = planOf(settings)
      return rounds * (nodesOf(settings).length * around + 4 * (seconds + warmup))
    },
    measure: async (settings, progress) => {
      requireLauncher()
      const { rounds, seconds, warmup } = planOf(settings)
      const nodes = nodesOf(settings)
      const contests = [
        ...nodes.map((node) => startContest(node, starts)),
        ...nodes.map(memoryContest),
        await loadContest('connections that are kept', 'kept', settings),
        await loadContest('a new connection for each request', 'new', settings),
      ]
      return {
        name,
        question,
        settings: {
          rounds,
          starts: `the median of ${starts}, after one that does not count`,
          load: `${seconds} s for each side after ${warmup} s, in turns of a fraction of a second`,
        },
        cases: await runRounds(contests, rounds, progress),
        skipped: [],
      }
    },
  }
}

/** This Node, and the one that runs the programs: before 22.15, Node cannot be replaced and keeps running. */
function nodesOf({ node }: Settings): NodeVersion[] {
  return node.version === thisNode.version ? [node] : [thisNode, node]
}

async function loadContest(
  load: string,
  connections: 'kept' | 'new',
  settings: Settings,
): Promise<Contest> {
  const { seconds, warmup } = planOf(settings)
  const network = loopback()
  const client = await findClient[connections]()
  const run: LoadFor = (ports, seconds) =>
    client.run(
      { host: network.host, ports },
      { clients: clients[connections], seconds, threads: 1 },
    )
  return {
    name: load,
    parameters: { load, client: client.name, seconds },
    contenders: pairContenders([bare, execSide], {
      ...{ node: settings.node, framework: 'http', handler: 'hello', members: 1, network },
      ...{ load: run, seconds, warmup, metrics: [requestsPerSecond, cpuPerRequests] },
    }),
  }
}

function planOf({ rounds, seconds = 3, full }: Settings) {
  return { rounds: rounds ?? (full ? 12 : 6), seconds, warmup: Math.min(longestWarmup, seconds) }
}
