import type { Answers } from '../client/client.js'
import { cpuSecondsOf, processesOf } from '../harness/processes.js'
import { cpuPerRequests, type Worked } from '../harness/trial-metrics.js'
import { verify } from '../harness/verify.js'
import type { Contender, Sample } from '../rounds.js'
import type { RunningSide, Side, Start } from '../sides/side.js'

/** Loads a side for some seconds, and tells what was answered. */
export type LoadFor = (ports: readonly number[], seconds: number) => Promise<Answers>

export interface PairTrial extends Start {
  load: LoadFor
  /** How long each of them is under load, in seconds. */
  seconds: number
  /** Before that, in seconds; it does not count. */
  warmup: number
  /** What is told of each; the processor time, where it is left out. */
  metrics?: readonly ((worked: Worked) => Sample)[]
}

/** In seconds: so short that what changes on the machine meets both. */
const slice = 0.25

/**
 * Sides that differ by a percent or two: all of them run at the same time, and get the same load in
 * turns of a fraction of a second, A B, B A. Whoever has its turn first in a round measures all.
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
