/** What the adapters cost: to import, to listen, and in the instructions of every request. */
import { median } from 'simple-statistics'
import { type Framework, frameworkNames } from '../apps/index.js'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { type Counter, findCounter } from '../overhead/counter.js'
import { instructionsPerRequest, nodeFlags } from '../overhead/instructions.js'
import type { ServerArguments } from '../overhead/server.js'
import { startGroup, startUnchanged, startUp } from '../overhead/start-up.js'
import { repeat } from '../repeat.js'
import { type Contender, type Metric, runRounds, type Sample } from '../rounds.js'
import { Skip } from '../skip.js'

const name = 'overhead'
const question = 'What does an adapter cost: to import, to listen, and in each request?'

const importTime: Metric = { metric: 'import time', unit: 'ms', better: 'less' }
const listenTime: Metric = { metric: 'listen() time', unit: 'ms', better: 'less' }
const joinTime: Metric = { metric: 'listen() time beside a member', unit: 'ms', better: 'less' }
/** The one program that needs no adapter. */
const unchangedTime: Metric = {
  metric: 'start of an unchanged program',
  unit: 'ms',
  better: 'less',
}
const instructions: Metric = { metric: 'instructions per request', unit: '', better: 'less' }

const frameworks: readonly Framework[] = ['http', 'express', 'fastify', 'koa']

/** What a round takes, in seconds. A full run counts with valgrind where perf cannot count. */
const roundTimes = { full: 330, quick: 10 }

export const overhead = overheadOf(3)

/** @param starts how often a program is started for one sample of its times, which is their median */
export function overheadOf(starts: number): Benchmark {
  return {
    name,
    question,
    estimate: (settings) =>
      roundsOf(settings) * (settings.full ? roundTimes.full : roundTimes.quick),
    measure: async (settings, progress) => {
      const node = settings.node.program
      const counter = await findCounter(settings.full).catch(skipOf)
      await using group = await startGroup(node)
      const contests = frameworks.map((framework) => ({
        name: frameworkNames[framework],
        parameters: { framework: frameworkNames[framework] },
        contenders: [
          contender('bare framework', node, counter, starts, { framework, shared: false, port: 0 }),
          contender(
            '@reuse',
            node,
            counter,
            starts,
            { framework, shared: true, port: 0 },
            group.port,
          ),
        ],
      }))
      return {
        name,
        question,
        settings: {
          rounds: roundsOf(settings),
          times: `the median of ${starts} fresh programs, after one that does not count`,
          ...(counter instanceof Skip ? {} : describe(counter)),
        },
        cases: await runRounds(contests, roundsOf(settings), progress),
        skipped:
          counter instanceof Skip ? [{ side: instructions.metric, reason: counter.message }] : [],
      }
    },
  }
}

function skipOf(error: unknown): Skip {
  if (error instanceof Skip) return error
  throw error
}

function roundsOf({ rounds = 6 }: Settings): number {
  return rounds
}

function describe({ name, requests: { first, more } }: Counter): Record<string, string> {
  return {
    instructions: `${name}: the JavaScript interpreted, without the kernel`,
    'node options': `${nodeFlags.join(' ')}, for the instructions`,
    requests: `one after the other on one connection, ${more} that count after ${first}`,
  }
}

function contender(
  side: string,
  node: string,
  counter: Counter | Skip,
  starts: number,
  program: ServerArguments,
  group?: number,
): Contender {
  return {
    side,
    trial: async (round) => {
      // The first start finds none of its files in a cache.
      if (round === 0) await startUp(node, program)
      const alone = await repeat(starts, () => startUp(node, program))
      const samples: Sample[] = [
        { metric: importTime, value: median(alone.map(({ imported }) => imported)) },
        { metric: listenTime, value: median(alone.map(({ listening }) => listening)) },
      ]
      if (program.framework === 'http') {
        const unchanged = await repeat(starts, () => startUnchanged(node, program.shared))
        samples.push({ metric: unchangedTime, value: median(unchanged) })
      }
      if (group !== undefined) {
        const joined = await repeat(starts, () => startUp(node, { ...program, port: group }))
        const value = median(joined.map(({ listening }) => listening))
        samples.push({ metric: joinTime, value })
      }
      if (!(counter instanceof Skip)) {
        const value = await instructionsPerRequest(program, { node, counter, seed: round + 1 })
        samples.push({ metric: instructions, value })
      }
      return samples
    },
  }
}
