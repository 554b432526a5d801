/** How long clients wait, and those who wait longest, when one of the workers stalls now and then. */

import type { Benchmark, Settings } from '../harness/benchmark.js'
import { type UsableSides, usableSides } from '../harness/usable-sides.js'
import { verify } from '../harness/verify.js'
import { loopback } from '../network/loopback.js'
import { type Metric, runRounds } from '../rounds.js'
import { nginx } from '../sides/nginx.js'
import { pm2 } from '../sides/pm2.js'
import { separatePorts } from '../sides/separate-ports.js'
import type { Side } from '../sides/side.js'
import { single } from '../sides/single.js'
import { Skip } from '../skip.js'
import { measureLatencies, percentilesOf } from '../tail/latency.js'
import { type StallRhythm, stallNowAndThen } from '../tail/stall.js'

const name = 'tail'
const question = 'How long do clients wait when one of eight workers stalls now and then?'

const members = 8
const stall: StallRhythm = { stopped: 400, every: 500 }

/** Seconds before what counts. */
const warmup = 0.3

/** What a trial takes beside its load: to start and to end, in seconds. */
const around = 1.7

export const tail: Benchmark = {
  name,
  question,
  estimate: (settings) => {
    const { rounds, seconds } = planOf(settings)
    const trials = rounds * sidesOf(settings).sides.length
    return trials * (warmup + seconds + around)
  },
  measure: async (settings, progress) => {
    if (process.platform === 'win32')
      throw new Skip('to stop a process and let it go on takes Unix')
    const { rounds, seconds, rate } = planOf(settings)
    const { node } = settings
    const { sides, skipped } = sidesOf(settings)
    const network = loopback()
    const trial = async (side: Side, round: number) => {
      const start = { node, framework: 'http', handler: 'hello', members, network } as const
      await using running = await side.start(start)
      progress.tookPart(running.versions ?? {})
      await verify(network.host, running)
      const [[port], worker] = [running.ports, running.workers[round % members]]
      if (port === undefined || worker === undefined) throw new Error('there is nothing to measure')
      await using _ = stallNowAndThen(worker, stall)
      const load = { rate, seconds, warmup }
      const latencies = await measureLatencies(node.program, network, port, load)
      return percentilesOf(latencies).map(([name, value]) => ({ metric: latency(name), value }))
    }
    const contest = {
      name: `one worker stalls ${stall.stopped} ms, every ${stall.every} ms`,
      parameters: { workers: members, 'stalled workers': 1 },
      contenders: sides.map((side) => ({
        side: side.title,
        trial: (round: number) => trial(side, round),
      })),
    }
    return {
      name,
      question,
      settings: {
        rounds,
        seconds,
        'warm-up': `${warmup} s`,
        'new connections a second': rate,
        latency: 'from when a request was due, whether it could be sent then or not',
        network: network.name,
      },
      cases: await runRounds([contest], rounds, progress),
      skipped,
    }
  },
}

function latency(percentile: string): Metric {
  return { metric: `latency ${percentile}`, unit: 'ms', better: 'less' }
}

function planOf({ rounds, seconds, rate, full }: Settings) {
  return { rounds: rounds ?? 6, seconds: seconds ?? (full ? 2 : 1.5), rate: rate ?? 600 }
}

/** All whose workers share a port; those that take their time to start only if there is time. */
function sidesOf(settings: Settings): UsableSides {
  const shared = settings.sides.filter((side) => side !== single && side !== separatePorts)
  const slow = settings.full ? [] : shared.filter((side) => side === pm2 || side === nginx)
  const sides = shared.filter((side) => !slow.includes(side))
  const { skipped, ...usable } = usableSides({ ...settings, sides })
  const waiting = slow.map(({ title }) => ({ side: title, reason: 'takes its time: --full' }))
  return { ...usable, skipped: [...skipped, ...waiting] }
}
