/** What members use while no client connects to them. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Settings } from '../harness/benchmark.js'
import type { Part } from '../harness/joined.js'
import { percentOfCore } from '../harness/processes.js'
import { usableSides } from '../harness/usable-sides.js'
import { verify } from '../harness/verify.js'
import { loopback } from '../network/loopback.js'
import { type Metric, runRounds, type Sample } from '../rounds.js'
import { clusterNone, clusterRoundRobin } from '../sides/cluster.js'
import { reuse } from '../sides/reuse.js'
import { reusePort } from '../sides/reuse-port.js'
import type { Side } from '../sides/side.js'
import { withoutRescue } from '../sides/without-rescue.js'

/** How long a process may take to finish what its start and first requests left to do, in seconds. */
const settling = 1

/** What a trial takes in addition, in seconds: to start and to end. */
const around = 1

const metric: Metric = { metric: 'CPU time of an idle member', unit: '% of a core', better: 'less' }

export const idleName = metric.metric

export const idle = idleAmong(8)

export function idleAmong(members: number): Part {
  return {
    estimate: (settings) => {
      const { rounds, seconds, sides } = planOf(settings)
      return rounds * sides.length * (around + settling + seconds)
    },
    measure: async (settings, progress) => {
      const { rounds, seconds, sides } = planOf(settings)
      const contest = {
        name: 'idle members',
        parameters: { members, seconds },
        contenders: sides.map((side) => ({
          side: side.title,
          trial: () => measureIdle(side, settings, members, seconds),
        })),
      }
      return {
        name: 'idle',
        question: 'What does a member without clients use?',
        settings: { 'idle members': 'the mean of all, a second after their first requests' },
        cases: await runRounds([contest], rounds, progress),
        skipped: usableSides({ ...settings, sides: wanted(settings) }).skipped,
      }
    },
  }
}

async function measureIdle(
  side: Side,
  { node }: Settings,
  members: number,
  seconds: number,
): Promise<Sample[]> {
  const network = loopback()
  const start = { node, framework: 'http', handler: 'hello', members, network } as const
  await using running = await side.start(start)
  await verify(network.host, running)
  await delay(1000 * settling)
  return [{ metric, value: (await percentOfCore(running.workers, seconds)) / members }]
}

function planOf(settings: Settings) {
  const { rounds, seconds, full } = settings
  return {
    rounds: rounds ?? (full ? 6 : 3),
    seconds: seconds ?? 3,
    sides: usableSides({ ...settings, sides: wanted(settings) }).sides,
  }
}

function wanted({ sides }: Settings): Side[] {
  const peers = [reusePort, clusterRoundRobin, clusterNone].filter((side) => sides.includes(side))
  return [reuse, withoutRescue, ...peers]
}
