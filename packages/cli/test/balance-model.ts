/** A model of servers behind weights, in its own time: what it shows depends on nothing but its seed. */
import { factorsOf, playRound } from '../src/balance/round.js'
import type { Standing } from '../src/balance/standing.js'
import type { Sample } from '../src/balance/wait.js'

/** A server that takes one connection after another. */
export interface ModelServer {
  /** What a connection costs, in milliseconds, at a time in milliseconds. */
  cost(time: number): number
}

export interface Model {
  servers: readonly ModelServer[]
  /** New connections a second to all servers together, however busy these are. */
  rate: number
  rounds: number
  /** From 0 to 1. */
  random(): number
  isBalanced?: boolean
  /** What is reported instead of a sample. */
  told?(sample: Sample, server: number, round: number): Sample
}

export interface Played {
  /** By round, the factor of each server. */
  factors: number[][]
  /** For each connection: when it arrived, and how long it waited for its turn, in milliseconds. */
  waits: { time: number; wait: number }[]
}

/** From one round to the next, in milliseconds. */
const interval = 1000

/** A timer of this interval samples the event loop's delay: what accepted connections still take. */
const tick = 20

export function play(model: Model): Played {
  const { servers, rate, rounds, random, isBalanced = true, told = (sample) => sample } = model
  const free = servers.map(() => 0)
  let standings: ReadonlyMap<number, Standing> = new Map()
  let factors = servers.map(() => 1)
  const played: Played = { factors: [factors], waits: [] }
  let time = 0
  for (let round = 0; round < rounds; round++) {
    const sums = cumulated(factors)
    const accepted = servers.map(() => 0)
    const delays = servers.map(() => 0)
    const end = (round + 1) * interval
    let nextTick = round * interval + tick
    for (;;) {
      time += (-Math.log(1 - random()) / rate) * 1000
      for (; nextTick <= Math.min(time, end); nextTick += tick) {
        for (const [i, until] of free.entries()) {
          delays[i] = (delays[i] ?? 0) + Math.max(0, until - nextTick) / (interval / tick)
        }
      }
      if (time > end) break
      const i = pick(sums, random())
      const from = Math.max(free[i] ?? 0, time)
      played.waits.push({ time, wait: from - time })
      free[i] = from + (servers[i]?.cost(from) ?? 0)
      accepted[i] = (accepted[i] ?? 0) + 1
    }
    if (isBalanced) {
      const samples = servers.map((_, i): [number, Sample] => {
        const delay = delays[i] ?? 0
        return [i, told({ queue: 0, accepted: accepted[i] ?? 0, delay, answers: true }, i, round)]
      })
      standings = playRound(standings, new Map(samples), interval)
      const next = factorsOf(standings)
      factors = servers.map((_, i) => next.get(i) ?? 1)
    }
    played.factors.push(factors)
  }
  return played
}

function cumulated(weights: readonly number[]): number[] {
  let sum = 0
  return weights.map((weight) => {
    sum += weight
    return sum
  })
}

/** By chance, in proportion to the weights. */
function pick(sums: readonly number[], random: number): number {
  const at = random * (sums.at(-1) ?? 0)
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] ?? 0) > at) high = middle
    else low = middle + 1
  }
  return low
}

/** The mean wait of the connections that arrived between two times, in milliseconds. */
export function meanWait({ waits }: Played, from: number, to: number): number {
  const those = waits.filter(({ time }) => time >= from && time < to)
  return those.reduce((sum, { wait }) => sum + wait, 0) / those.length
}
