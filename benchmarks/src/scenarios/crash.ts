/** What clients notice when members behind a port are killed, while they serve or are blocked. */
import { sum } from 'simple-statistics'
import { crashingNone, crashingRoundRobin } from '../crash/cluster.js'
import type { CrashingSide, Victims } from '../crash/crashing-side.js'
import { crashingPm2 } from '../crash/pm2.js'
import { crashingReuse, crashingReusePort, crashingWithoutRescue } from '../crash/processes.js'
import { crashingReuseRun } from '../crash/reuse-run.js'
import { crashesARound, samplesOf, victimsName } from '../crash/samples.js'
import { type Blocked, crashStorm, longWait } from '../crash/storm.js'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { usableSides } from '../harness/usable-sides.js'
import { loopback } from '../network/loopback.js'
import type { Scenario } from '../report/index.js'
import { type Contest, runRounds } from '../rounds.js'
import { reuse } from '../sides/reuse.js'
import { withoutRescue } from '../sides/without-rescue.js'
import { Skip } from '../skip.js'

const name = 'crash'
const question = 'How many requests fail when a program behind a port is killed?'

/** The sides whose members are killed while they serve; rescue makes no difference to that. */
const serving: readonly CrashingSide[] = [
  crashingReuse,
  crashingReuseRun,
  crashingReusePort,
  crashingRoundRobin,
  crashingNone,
  crashingPm2,
]
/** All sides: members are killed with a queue; without rescue, it stays at the blocked member. */
const blocked: readonly CrashingSide[] = [...serving, crashingWithoutRescue]

/** How many members share the port. */
const members = 4

/** How many connections wait at a blocked member when it is killed. */
const queue = 100

/**
 * How often all members are killed in a trial at most: a manager waits longer each time that a worker ends
 * soon after its start, and after eight times more than ten seconds.
 */
const mostCrashesOfAll = 4

/** What a trial takes besides its crashes, and what a crash takes, in seconds. */
const around = 1.5
const perCrash = 0.3
/** What a crash takes until all of the members have started again. */
const perCrashOfAll = 0.8

/** PM2 is started and ended by commands, each of which starts a program. */
const moreForPm2 = 5

export const crash: Benchmark = {
  name,
  question,
  estimate: (settings) => {
    const { rounds, crashes, rate } = planOf(settings)
    const blocking = (2 * blockedAt(rate).time) / 1000
    const trialsOf = (victims: Victims, each: number): number[] =>
      killed(victims, settings).map(
        (side) =>
          around + crashesOf(victims, crashes) * each + (side === crashingPm2 ? moreForPm2 : 0),
      )
    const trials = [
      ...trialsOf('a member', perCrash),
      ...usable(blocked, settings).sides.map(() => around + crashes * (perCrash + blocking)),
      ...trialsOf('all members', perCrashOfAll),
      ...trialsOf('the manager', perCrashOfAll),
    ]
    return rounds * sum(trials)
  },
  measure: async (settings, progress) => {
    if (process.platform === 'win32') throw new Skip('SIGKILL needs Unix')
    const { rounds, crashes, rate } = planOf(settings)
    const { node } = settings
    const network = loopback()
    const load = { rate }
    const contest = (
      name: string,
      victims: Victims,
      sides: readonly CrashingSide[],
      blocked?: Blocked,
    ): Contest => ({
      name,
      parameters: {
        workers: members,
        [victimsName]: victims,
        [crashesARound]: crashesOf(victims, crashes),
        ...queueOf(blocked),
      },
      contenders: sides.map((each) => ({
        side: each.side.title,
        trial: async () => {
          const storm = await crashStorm(each, {
            ...{ node, network, members, load, victims },
            crashes: crashesOf(victims, crashes),
            ...(blocked !== undefined && { blocked }),
          })
          progress.tookPart(storm.versions)
          return samplesOf(storm)
        },
      })),
    })
    const { sides, skipped } = usable(blocked, settings)
    const contests = [
      contest('a member that serves', 'a member', killed('a member', settings)),
      contest(`a blocked member, ${queue} in its queue`, 'a member', sides, blockedAt(rate)),
      contest('all members at once', 'all members', killed('all members', settings)),
      contest('the manager', 'the manager', killed('the manager', settings)),
    ].filter(({ contenders }) => contenders.length > 0)
    return {
      name,
      question,
      settings: {
        rounds,
        'crashes a round': `${crashes}, of all members ${crashesOf('all members', crashes)}, one after the other, by SIGKILL`,
        'new connections a second': `${rate}, one request each, regardless of the outcome`,
        'accepted by the killed member': 'as it wrote to a file before it did anything else',
        network: network.name,
        ...Object.fromEntries(sides.map(({ side, description }) => [side.title, description])),
      },
      cases: await runRounds(contests, rounds, progress),
      skipped,
    }
  },
}

function planOf({ rounds, leaves, rate, full }: Settings) {
  return {
    rounds: rounds ?? (full ? 6 : 3),
    crashes: leaves ?? (full ? 8 : 4),
    rate: rate ?? 1500,
  }
}

function crashesOf(victims: Victims, crashes: number): number {
  return victims === 'all members' ? Math.min(crashes, mostCrashesOfAll) : crashes
}

/** Blocks until the queue is full, if every member gets its share, and all in it have waited long. */
function blockedAt(rate: number): Blocked {
  return { queue, time: Math.ceil((1000 * queue * members) / rate) + longWait }
}

function queueOf(blocked: Blocked | undefined): Record<string, number> {
  return blocked === undefined ? {} : { 'blocked for, ms': blocked.time, queue: blocked.queue }
}

/** The wanted sides in which these victims can be killed while they serve. */
function killed(victims: Victims, settings: Settings): CrashingSide[] {
  return usable(serving, settings).sides.filter((each) => each.victims.includes(victims))
}

/** The wanted sides that can run here; the one without rescue is wanted if @reuse is. */
function usable(
  all: readonly CrashingSide[],
  settings: Settings,
): { sides: CrashingSide[]; skipped: Scenario['skipped'] } {
  const wanted = all.filter(({ side }) =>
    settings.sides.includes(side === withoutRescue ? reuse : side),
  )
  const found = usableSides({ ...settings, sides: wanted.map(({ side }) => side) })
  return { ...found, sides: wanted.filter(({ side }) => found.sides.includes(side)) }
}
