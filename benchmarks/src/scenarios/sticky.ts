/** Which clients reach a different member than before when a member joins or leaves. */
import { setTimeout as delay } from 'node:timers/promises'
import { capabilities } from '@reuse/core'
import type { Benchmark, Settings } from '../harness/benchmark.js'
import { type Metric, runRounds, type Sample } from '../rounds.js'
import { Skip } from '../skip.js'
import { Group, type GroupSettings } from '../sticky/group.js'
import { movedShare, sharesOf } from '../sticky/visit.js'

const name = 'sticky'
const question = 'How many clients meet another member when one comes or goes?'

const moved: Metric = { metric: 'clients that moved', unit: '%', better: 'less' }
const busiest: Metric = { metric: 'busiest member', unit: 'fair shares', better: 'less' }
const idlest: Metric = { metric: 'idlest member', unit: 'fair shares', better: 'more' }

const sides: readonly { side: string; policy: GroupSettings['policy'] }[] = [
  { side: '@reuse source-address', policy: 'source-address' },
  { side: 'kernel hash', policy: 'hash' },
]

interface Change {
  name: string
  /** Members before and after. */
  before: number
  after: number
  change: (group: Group, round: number) => Promise<void>
}

/** The changes to measure in a group of this many members. */
function changesOf(members: number): Change[] {
  const more = members + 1
  return [
    { name: 'nothing changes', before: members, after: members, change: async () => {} },
    { name: 'a member comes', before: members, after: more, change: (group) => group.join() },
    {
      name: 'a member goes',
      before: more,
      after: members,
      // A different one each time: members at the end of a group are not like those in its middle.
      change: (group, round) => group.leave(round % more),
    },
  ]
}

/** How long a group takes to correct itself, in milliseconds: it checks itself four times a second. */
const settling = 500

/** What a trial takes besides its two visits. */
const secondsAround = 2

export const sticky = stickyAmong(4)

export function stickyAmong(members: number): Benchmark {
  const changes = changesOf(members)
  return {
    name,
    question,
    estimate: (settings) => {
      const { clients, rate } = loadOf(settings)
      const trials = roundsOf(settings) * changes.length * sides.length
      return trials * (secondsAround + (2 * clients) / rate)
    },
    measure: async (settings, progress) => {
      if (!capabilities.steering) throw new Skip('steering needs Linux')
      const rounds = roundsOf(settings)
      const { clients, rate } = loadOf(settings)
      const node = settings.node.program
      const contests = changes.map(({ name, before, after, change }) => ({
        name,
        parameters: {
          'members before': before,
          'members after': after,
          'least that has to move': leastToMove(before, after),
        },
        contenders: sides.map(({ side, policy }) => ({
          side,
          trial: async (round: number): Promise<Sample[]> => {
            await using group = await Group.start({ node, policy, members: before })
            await delay(settling)
            const first = await group.visit(clients, rate)
            await change(group, round)
            await delay(settling)
            const second = await group.visit(clients, rate)
            const shares = sharesOf(second)
            return [
              { metric: moved, value: 100 * movedShare(first, second) },
              { metric: busiest, value: shares.busiest },
              { metric: idlest, value: shares.idlest },
            ]
          },
        })),
      }))
      return {
        name,
        question,
        settings: {
          rounds,
          clients: `${clients}, each with an address of its own and a new connection a visit`,
          'kernel hash': "what a shared port does without a program; @reuse's default",
          network: 'loopback',
        },
        cases: await runRounds(contests, rounds, progress),
        skipped: [],
      }
    },
  }
}

/** How many clients have to move at least, so that all members have a fair share again. */
function leastToMove(before: number, after: number): string {
  const share = Math.abs(after - before) / Math.max(before, after)
  return `${(100 * share).toFixed(0)} %`
}

function roundsOf({ rounds, full }: Settings): number {
  return rounds ?? (full ? 6 : 3)
}

function loadOf({ connections, rate, full }: Settings): { clients: number; rate: number } {
  return { clients: connections ?? (full ? 4000 : 1000), rate: rate ?? 3000 }
}
