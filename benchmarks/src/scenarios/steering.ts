/** How close the share of each member comes to what the group's policy asks for. */
import { spawnSync } from 'node:child_process'
import os from 'node:os'
import { capabilities } from '@reuse/core'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { type Metric, runRounds, type Sample } from '../rounds.js'
import { reuse } from '../sides/reuse.js'
import { Skip } from '../skip.js'
import { type SteeringCase, steeringCases } from '../steering/cases.js'
import { measureShares, type SteeringResult } from '../steering/measure.js'

const name = 'steering'
const question = 'Does each member get the share of connections that the policy asks for?'

const distance: Metric = {
  metric: 'largest distance of a share from what was asked',
  unit: 'percentage points',
  better: 'less',
}
const deviation: Metric = { ...distance, unit: 'standard errors', metric: 'largest deviation' }
const moved: Metric = { metric: 'client addresses that moved', unit: '', better: 'less' }

/** What a case takes besides its connections, in seconds. */
const around = 1.5

export const steering = steeringOf(casesHere)

export function steeringOf(cases: () => readonly SteeringCase[]): Benchmark {
  return {
    name,
    question,
    estimate: (settings) => {
      const { rounds, connections, rate } = planOf(settings)
      return rounds * cases().length * (around + connections / rate)
    },
    measure: async (settings, progress) => {
      if (!capabilities.steering) throw new Skip('steering needs Linux')
      const { rounds, connections, rate } = planOf(settings)
      const node = settings.node.program
      const contests = cases().map((each) => ({
        name: each.name,
        parameters: { 'shares asked for': formatAsked(each) },
        contenders: [
          {
            side: reuse.title,
            trial: async () => samplesOf(await measureShares(each, { node, connections, rate })),
          },
        ],
      }))
      return {
        name,
        question,
        settings: {
          rounds,
          connections: `${connections}, each from an address of its own`,
          'standard error': 'of that many connections, by chance; one share in 22 is off by two',
          members: 'rescue: false, so that the shares are those of the filter',
          network: 'loopback',
        },
        cases: await runRounds(contests, rounds, progress),
        skipped: [],
      }
    },
  }
}

function planOf({ rounds, connections, rate, full }: Settings) {
  return {
    rounds: rounds ?? 1,
    connections: connections ?? (full ? 20_000 : 3000),
    rate: rate ?? 3000,
  }
}

function casesHere(): SteeringCase[] {
  return steeringCases(usableCpus())
}

/** The CPUs on which this process may run; a container may have only some of them. */
function usableCpus(): number[] {
  return [...os.cpus().keys()].filter(
    (cpu) => spawnSync('taskset', ['-c', String(cpu), 'true']).status === 0,
  )
}

function formatAsked({ asked }: SteeringCase): string {
  const all = asked.reduce((sum, weight) => sum + weight, 0)
  return asked.map((weight) => `${((100 * weight) / all).toFixed(2)} %`).join(', ')
}

/** @throws if requests failed: it is not known which members they were for */
function samplesOf({ shares, failed, moved: count }: SteeringResult): Sample[] {
  if (failed > 0) throw new Error(`${failed} requests failed`)
  const largest = (distances: number[]): number => Math.max(...distances.map(Math.abs))
  // If all or nothing is asked for, chance plays no part.
  const byChance = shares.filter(({ asked }) => asked > 0 && asked < 1)
  return [
    {
      metric: distance,
      value: 100 * largest(shares.map(({ got, of, asked }) => got / of - asked)),
    },
    ...(byChance.length === 0
      ? []
      : [{ metric: deviation, value: largest(byChance.map((share) => share.deviation)) }]),
    ...(count === undefined ? [] : [{ metric: moved, value: count }]),
  ]
}
