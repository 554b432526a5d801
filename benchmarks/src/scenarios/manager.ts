/** What a process that starts and watches workers uses while nothing happens. */
import { setTimeout as delay } from 'node:timers/promises'
import { sum } from 'simple-statistics'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { memoryOf, percentOfCore } from '../harness/processes.js'
import { usableSides } from '../harness/usable-sides.js'
import { cpu, memory, startTime } from '../manager/metrics.js'
import { loopback } from '../network/loopback.js'
import { runRounds, type Sample } from '../rounds.js'
import { clusterRoundRobin } from '../sides/cluster.js'
import { pm2 } from '../sides/pm2.js'
import { reuseRun } from '../sides/reuse-run.js'
import type { Side } from '../sides/side.js'
import { Skip } from '../skip.js'

const name = 'manager'
const question = 'What does a manager of workers use, and how fast does it start them?'

/** In the order of the tables. */
const all: readonly Side[] = [reuseRun, clusterRoundRobin, pm2]

/** How long it takes until a start has left nothing to do, in seconds. */
const settling = 2

/** What a start and an end take, in seconds. */
const around = 5

export const manager = managerOf(8)

/** @param workers how many there are */
export function managerOf(workers: number): Benchmark {
  return {
    name,
    question,
    estimate: (settings) => {
      const { rounds, seconds } = planOf(settings)
      return rounds * sidesOf(settings).sides.length * (around + settling + seconds)
    },
    measure: async (settings, progress) => {
      if (process.platform !== 'linux') throw new Skip('only Linux reports what a process uses')
      const { rounds, seconds } = planOf(settings)
      const { sides, skipped } = sidesOf(settings)
      const contest = {
        name: `${workers} workers`,
        parameters: { workers, seconds },
        contenders: sides.map((side) => ({
          side: side.title,
          trial: () => measure(side, settings, workers, seconds),
        })),
      }
      return {
        name,
        question,
        settings: {
          rounds,
          start: 'from the first command; of PM2 with its daemon',
          'CPU time, memory': `over ${seconds} s, ${settling} s after the start; nobody asks anything`,
        },
        cases: await runRounds([contest], rounds, progress),
        skipped,
      }
    },
  }
}

async function measure(
  side: Side,
  { node }: Settings,
  members: number,
  seconds: number,
): Promise<Sample[]> {
  const network = loopback()
  const began = performance.now()
  await using running = await side.start({
    ...({ framework: 'http', handler: 'hello' } as const),
    ...{ node, members, network },
  })
  const started = performance.now() - began
  await delay(1000 * settling)
  const used = await percentOfCore(running.others, seconds)
  return [
    { metric: startTime, value: started },
    { metric: cpu, value: used },
    { metric: memory, value: sum(running.others.map((pid) => memoryOf(pid).resident)) },
  ]
}

function sidesOf(settings: Settings) {
  const sides = all.filter((side) => settings.sides.includes(side))
  return usableSides({ ...settings, sides })
}

function planOf({ rounds, seconds, full }: Settings) {
  return { rounds: rounds ?? (full ? 8 : 4), seconds: seconds ?? (full ? 20 : 5) }
}
