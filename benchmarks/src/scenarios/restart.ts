/** What clients notice when the workers behind a port are replaced, one after the other. */
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { usableSides } from '../harness/usable-sides.js'
import { delayedNetwork } from '../network/delayed.js'
import { loopback } from '../network/loopback.js'
import type { Network } from '../network/network.js'
import type { Scenario } from '../report/index.js'
import { restartingNone, restartingRoundRobin } from '../restart/cluster.js'
import { restartingNginx } from '../restart/nginx.js'
import { restartingPm2 } from '../restart/pm2.js'
import { restartingReuse, restartingReusePort } from '../restart/processes.js'
import type { RestartingSide } from '../restart/restarting-side.js'
import { restartingReuseRun } from '../restart/reuse-run.js'
import { restartsARound, samplesOf } from '../restart/samples.js'
import { restartStorm } from '../restart/storm.js'
import { type Contest, runRounds } from '../rounds.js'
import { Skip } from '../skip.js'

const name = 'restart'
const question = 'How many requests fail when the programs behind a port are restarted?'

const all: readonly RestartingSide[] = [
  restartingReuse,
  restartingReuseRun,
  restartingReusePort,
  restartingRoundRobin,
  restartingNone,
  restartingPm2,
  restartingNginx,
]

/** How many workers share the port. */
const members = 4

/** What a network adds each way, in milliseconds. */
type Delay = 0 | 5
const near: Delay = 0
const far: Delay = 5

/** What a trial takes besides its restarts, and what a restart takes, in seconds. */
const around = 1.5
const perRestart = 0.4

/** PM2 is controlled by commands, each of which starts a program. */
const moreForPm2 = 13

export const restart: Benchmark = {
  name,
  question,
  estimate: (settings) => {
    const { rounds, restarts } = planOf(settings)
    const trials = [near, far].flatMap((place) => contendersIn(place, settings))
    const slow = trials.filter((side) => side === restartingPm2).length
    return rounds * (trials.length * (around + restarts * perRestart) + slow * moreForPm2)
  },
  measure: async (settings, progress) => {
    const { rounds, restarts, rate, keepAliveClients } = planOf(settings)
    const { sides, skipped } = sidesOf(settings)
    const trial = async (side: RestartingSide, network: Network) => {
      const load = { rate, keepAliveClients }
      const { node } = settings
      const storm = await restartStorm(side, { node, network, members, load, restarts })
      progress.tookPart(storm.versions)
      return samplesOf(storm)
    }
    const contest = (network: Network, delay: Delay): Contest => ({
      name: network.name,
      parameters: {
        'ms between client and server': 2 * delay,
        workers: members,
        [restartsARound]: restarts,
      },
      contenders: contendersIn(delay, settings).map((each) => ({
        side: each.side.title,
        trial: () => trial(each, network),
      })),
    })
    await using delayed = await delayedNetwork(far).catch((error: unknown) => {
      if (!(error instanceof Skip)) throw error
      skipped.push({ side: `${2 * far} ms between client and server`, reason: error.message })
      return null
    })
    const contests = [contest(loopback(), near)]
    if (delayed !== null) contests.push(contest(delayed, far))
    for (const { side } of sides) {
      if (contendersIn(far, settings).some((each) => each.side === side)) continue
      skipped.push({ side: `${side.title}, with the delay`, reason: 'takes too long: use --full' })
    }
    return {
      name,
      question,
      settings: {
        rounds,
        'restarts a round': `${restarts}, one after the other, and every fourth time two at once`,
        'time of a leave': 'as the program reports, from its close() until its listener is closed',
        'new connections a second': `${rate}, one request each, regardless of the outcome`,
        'keep-alive clients': `${keepAliveClients}, which pause for 20 to 80 ms`,
        ...Object.fromEntries(sides.map(({ side, description }) => [side.title, description])),
      },
      cases: await runRounds(contests, rounds, progress),
      skipped,
    }
  },
}

function planOf({ rounds, leaves, rate, full }: Settings) {
  return {
    rounds: rounds ?? (full ? 6 : 4),
    restarts: leaves ?? (full ? 34 : 4), // 204 in six rounds.
    rate: rate ?? 1500,
    keepAliveClients: 40,
  }
}

/** Which sides are measured with this delay: PM2 takes long, so it needs --full for the longer one. */
function contendersIn(delay: Delay, settings: Settings): RestartingSide[] {
  const { sides } = sidesOf(settings)
  return settings.full || delay === near ? sides : sides.filter((side) => side !== restartingPm2)
}

/** The wanted sides that can restart their workers. */
function sidesOf(settings: Settings): { sides: RestartingSide[]; skipped: Scenario['skipped'] } {
  const wanted = all.filter(({ side }) => settings.sides.includes(side))
  const usable = usableSides({ ...settings, sides: wanted.map(({ side }) => side) })
  return { ...usable, sides: wanted.filter(({ side }) => usable.sides.includes(side)) }
}
