/** How long clients wait, especially those who wait longest, when one worker is not like the others. */

import { type Handler, handlerNames, slowdown } from '../apps/handlers.js'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { type UsableSides, usableSides } from '../harness/usable-sides.js'
import { verify } from '../harness/verify.js'
import { loopback } from '../network/loopback.js'
import { type Metric, runRounds } from '../rounds.js'
import { nginx } from '../sides/nginx.js'
import { pm2 } from '../sides/pm2.js'
import { reuseRun, reuseRunBalanced } from '../sides/reuse-run.js'
import { separatePorts } from '../sides/separate-ports.js'
import type { Side } from '../sides/side.js'
import { single } from '../sides/single.js'
import { Skip } from '../skip.js'
import { beyondPercentile, type Percentile, percentilesOf } from '../statistics.js'
import { latencyName, measureLatencies } from '../tail/latency.js'
import { type StallRhythm, stalledName, stallNowAndThen } from '../tail/stall.js'

const name = 'tail'
const question =
  'How long do clients wait when one of eight workers stalls now and then, or is slow?'

const members = 8
const percentiles = ['p50', 'p90', 'p99', 'p99.9', 'max'] as const

/** A percentile beyond which fewer requests lie depends on chance alone, and is left out. */
const fewestBeyond = 5
const stall: StallRhythm = { stopped: 400, every: 500 }

/** How one worker differs from the others: what all of them run, and what happens to one. */
interface Kind {
  name: string
  /** The parameter that counts such workers. */
  counted: string
  handler: Handler
  /** New connections a second. */
  rate: number
  /** Makes a worker differ like this, until the result is disposed of. */
  begin(worker: number): AsyncDisposable
}

/** The load, and what a request costs besides its work, leave the workers half of two processors. */
const slowRate = 400

const kinds: readonly Kind[] = [
  {
    name: `one worker stalls ${stall.stopped} ms, every ${stall.every} ms`,
    counted: stalledName,
    handler: 'hello',
    rate: 800,
    begin: (worker) => stallNowAndThen(worker, stall),
  },
  {
    name: `one worker needs ${slowdown.factor} times the CPU of the others`,
    counted: 'slow workers',
    handler: 'cpu',
    rate: slowRate,
    begin: (worker) => {
      process.kill(worker, slowdown.signal)
      return { [Symbol.asyncDispose]: async () => {} }
    },
  },
]

/** Seconds before the measurement counts. */
const warmup = 0.3

/** What a trial takes besides its load: to start and to end, in seconds. */
const around = 1.7

export const tail: Benchmark = {
  name,
  question,
  estimate: (settings) => {
    const { rounds, seconds } = planOf(settings)
    const trials = rounds * kinds.length * sidesOf(settings).sides.length
    return trials * (warmup + seconds + around)
  },
  measure: async (settings, progress) => {
    if (process.platform === 'win32') throw new Skip('stopping and resuming a process needs Unix')
    const { rounds, seconds } = planOf(settings)
    const { node } = settings
    const { sides, skipped } = sidesOf(settings)
    const network = loopback()
    const trial = async (kind: Kind, side: Side, round: number) => {
      const { handler } = kind
      const rate = settings.rate ?? kind.rate
      const start = { node, framework: 'http', handler, members, network } as const
      await using running = await side.start(start)
      progress.tookPart(running.versions ?? {})
      await verify(network.host, running)
      const [[port], worker] = [running.ports, running.workers[round % members]]
      if (port === undefined || worker === undefined) throw new Error('there is nothing to measure')
      await using _ = kind.begin(worker)
      const load = { rate, seconds, warmup }
      const latencies = await measureLatencies(node.program, network, port, load)
      const told = percentiles.filter(
        (name) => name === 'max' || beyondPercentile(name, latencies.length) >= fewestBeyond,
      )
      return percentilesOf(latencies, told).map(([name, value]) => ({
        metric: latency(name),
        value,
      }))
    }
    const contests = kinds.map((kind) => ({
      name: kind.name,
      parameters: {
        workers: members,
        [kind.counted]: 1,
        handler: handlerNames[kind.handler],
        'new connections a second': settings.rate ?? kind.rate,
      },
      contenders: sides.map((side) => ({
        side: side.title,
        trial: (round: number) => trial(kind, side, round),
      })),
    }))
    return {
      name,
      question,
      settings: {
        rounds,
        seconds,
        'warm-up': `${warmup} s`,
        'percentiles told': `those beyond which ${fewestBeyond} requests lie or more`,
        latency: 'from when a request was due, whether it could be sent then or not',
        network: network.name,
      },
      cases: await runRounds(contests, rounds, progress),
      skipped,
    }
  },
}

function latency(percentile: Percentile): Metric {
  return { metric: latencyName(percentile), unit: 'ms', better: 'less' }
}

function planOf({ rounds, seconds, full }: Settings) {
  return { rounds: rounds ?? 6, seconds: seconds ?? (full ? 8 : 1.5) }
}

/** All sides whose workers share a port; those that take long to start only if there is time. */
function sidesOf(settings: Settings): UsableSides {
  const shared = settings.sides.filter((side) => side !== single && side !== separatePorts)
  const slow = settings.full ? [] : shared.filter((side) => side === pm2 || side === nginx)
  const sides = shared
    .filter((side) => !slow.includes(side))
    .flatMap((side) => (side === reuseRun ? [side, reuseRunBalanced] : side))
  const { skipped, ...usable } = usableSides({ ...settings, sides })
  const waiting = slow.map(({ title }) => ({ side: title, reason: 'takes too long: use --full' }))
  return { ...usable, skipped: [...skipped, ...waiting] }
}
