import { sum } from 'simple-statistics'
import { type Handler, handlerNames } from '../apps/handlers.js'
import { type Framework, frameworkNames } from '../apps/index.js'
import { type Connections, findClient } from '../client/index.js'
import { loopback } from '../network/loopback.js'
import type { Scenario } from '../report/index.js'
import { runRounds, type Sample } from '../rounds.js'
import { separatePorts } from '../sides/separate-ports.js'
import { single } from '../sides/single.js'
import type { Benchmark, Settings } from './benchmark.js'
import { type Outcome, runTrial } from './trial.js'
import { usableSides } from './usable-sides.js'

/**
 * In seconds. After this, Node has compiled what is used often; the rest affects all sides alike. Many
 * members need longer: 64 new ones take a second for their first answers on two processors.
 */
const warmup = { least: 0.4, member: 0.05 }

/**
 * How long a trial measures at least for each member, in seconds. To make the 1,024 connections of 64
 * members takes a second: in a shorter trial that would be all that is measured.
 */
const secondsForMember = 0.05

/** What a trial takes besides warm-up and measurement, in seconds: to start and to end. */
const around = { each: 0.5, member: 0.03 }

/** For a first look that takes a few minutes: too few for an interval. */
const fewRounds = 3

interface LoadCase {
  name: string
  framework: Framework
  handler: Handler
  members: number
  /** Whether the clients keep their connections, or make a new one for each request. */
  connections: Connections
  /** How many requests are in flight at the same time. */
  clients: number
}

export interface LoadBenchmark extends Pick<Scenario, 'name' | 'question' | 'axis'> {
  /** The rounds of a full run. */
  rounds: number
  /** How long a trial measures, in seconds; longer with many members. */
  seconds: number
  cases: (settings: Settings) => readonly LoadCase[]
  /** What is taken from each trial. */
  metrics: readonly ((outcome: Outcome) => Sample)[]
}

/** A benchmark of the sides under a load on loopback: what several scenarios have in common. */
export function loadBenchmark({ cases, metrics, ...defaults }: LoadBenchmark): Benchmark {
  const { name, question, axis } = defaults
  const network = loopback()
  const timesOf = ({
    full,
    rounds = full ? defaults.rounds : fewRounds,
    seconds = defaults.seconds,
  }: Settings) => ({ rounds, seconds })

  return {
    name,
    question,

    estimate: (settings) => {
      const { rounds, seconds } = timesOf(settings)
      const { sides } = usableSides(settings)
      const trials = cases(settings).map(
        ({ members }) =>
          warmupOf(members) + measuredOf(members, seconds) + around.each + around.member * members,
      )
      return rounds * sides.length * sum(trials)
    },

    measure: async (settings, progress) => {
      const { node } = settings
      const { rounds, seconds } = timesOf(settings)
      const { sides, skipped } = usableSides(settings)
      const all = cases(settings)
      const clients = { kept: await findClient.kept(), new: await findClient.new() }
      const used = [...new Set(all.map(({ connections }) => clients[connections]))]
      for (const { name, version } of used) progress.tookPart({ [name]: version })

      const contests = all.map((each) => ({
        name: each.name,
        parameters: parametersOf(each),
        contenders: sides.map((side) => ({
          side: side.title,
          trial: async (): Promise<Sample[]> => {
            const client = clients[each.connections]
            const measured = measuredOf(each.members, seconds)
            const load = { clients: each.clients, seconds: measured, threads: each.members }
            const start = { ...each, node, network, client }
            const outcome = await runTrial(side, { ...start, load, warmup: warmupOf(each.members) })
            progress.tookPart(outcome.versions)
            return metrics.map((metric) => metric(outcome))
          },
        })),
      }))
      return {
        name,
        question,
        ...(axis !== undefined && { axis }),
        baseline: single.title,
        ideal: separatePorts.title,
        settings: {
          rounds,
          seconds: `${seconds}, and ${secondsForMember} for each member at least`,
          'warm-up': `${warmup.member} s for each member, and ${warmup.least} s at least`,
          client: used.map(({ description }) => description).join('; '),
          network: network.name,
        },
        cases: await runRounds(contests, rounds, progress),
        skipped,
      }
    },
  }
}

function warmupOf(members: number): number {
  return Math.max(warmup.least, warmup.member * members)
}

function measuredOf(members: number, seconds: number): number {
  return Math.max(seconds, secondsForMember * members)
}

function parametersOf({ framework, handler, members, connections, clients }: LoadCase) {
  return {
    framework: frameworkNames[framework],
    handler: handlerNames[handler],
    members,
    connections,
    clients,
  }
}
