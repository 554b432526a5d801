import type { Answers } from '../client/client.js'
import { cpuSecondsOf, processesOf } from '../harness/processes.js'
import { cpuPerRequests, type Worked } from '../harness/trial-metrics.js'
import { verify } from '../harness/verify.js'
import type { Contender, Sample } from '../rounds.js'
import type { RunningSide, Side, Start } from '../sides/side.js'

/** Loads a side for some seconds, and resolves with what was answered. */
export type LoadFor = (ports: readonly number[], seconds: number) => Promise<Answers>

export interface PairTrial extends Start {
  load: LoadFor
  /** How long each side is under load, in seconds. */
  seconds: number
  /** How long each side is under load before that, in seconds; this does not count. */
  warmup: number
  /** What is reported for each side; default: its processor time. */
  metrics?: readonly ((worked: Worked) => Sample)[]
}

/** In seconds: so short that a change on the machine affects all sides. */
const slice = 0.25

/**
 * For sides that differ by a percent or two: all of them run at the same time, and get the same load
 * in turns of a fraction of a second, A B, B A. The first side whose turn it is in a round measures all.
 */
export function pairContenders(sides: readonly Side[], trial: PairTrial): Contender[] {
  const taken = new Map<number, Promise<Sample[][]>>()
  return sides.map((side, index) => ({
    side: side.title,
    trial: async (round) => {
      const all = taken.get(round) ?? measureAll(sides, trial)
      taken.set(round, all)
      try {
        return (await all)[index] ?? []
      } catch (error) {
        taken.delete(round)
        throw error
      }
    },
  }))
}

async function measureAll(sides: readonly Side[], trial: PairTrial): Promise<Sample[][]> {
  const { metrics = [cpuPerRequests] } = trial
  const all: Share[] = []
  try {
    for (const side of sides) {
      const running = await side.start(trial)
      all.push({ running, requests: 0, seconds: 0, cpuSeconds: 0 })
      await verify(trial.network.host, running)
      await trial.load(running.ports, trial.warmup)
    }
    for (let turn = 0; turn * slice < trial.seconds; turn++) {
      for (const share of turn % 2 === 0 ? all : all.toReversed()) await addTurn(share, trial.load)
    }
    return all.map(({ requests, seconds, cpuSeconds }) =>
      metrics.map((metric) => metric({ requests, seconds, usage: { cpuSeconds } })),
    )
  } finally {
    await Promise.all(all.map(({ running }) => running[Symbol.asyncDispose]()))
  }
}

/** What one side has done and used so far. */
interface Share {
  running: RunningSide
  requests: number
  seconds: number
  cpuSeconds: number
}

async function addTurn(share: Share, load: LoadFor): Promise<void> {
  const processes = processesOf(share.running)
  const before = cpuSecondsOf(processes)
  const { requests, seconds } = await load(share.running.ports, slice)
  share.requests += requests
  share.seconds += seconds
  share.cpuSeconds += cpuSecondsOf(processes) - before
}
