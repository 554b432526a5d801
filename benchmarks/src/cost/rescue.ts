/** What it costs under load to look at the queues of other members: @reuse with and without that. */
import { type Client, findClient } from '../client/index.js'
import type { Settings } from '../harness/benchmark.js'
import type { Part } from '../harness/joined.js'
import { usableSides } from '../harness/usable-sides.js'
import { loopback } from '../network/loopback.js'
import { type Contest, runRounds } from '../rounds.js'
import { reuse } from '../sides/reuse.js'
import type { Side } from '../sides/side.js'
import { measureLatencies } from '../tail/latency.js'
import { type LoadFor, pairContenders } from './pair.js'

const members = 4

/** For the closed loops: how many requests are in flight at the same time. */
const clients = { kept: 64, new: 256 }

/** New connections a second in the open loop: so few that the members are mostly idle. */
const rate = 800

/** In seconds; the warm-up is never longer than the measurement. */
const longestWarmup = 1.5

/** What a round of a case takes besides warm-up and measurement, in seconds: to start and to end. */
const around = 1.5

const loads = 3

/** @param without is like @reuse, except that its members do not look after each other */
export function rescueCost(without: Side): Part {
  const pairOf = (settings: Settings) => usableSides({ ...settings, sides: [reuse, without] })
  return {
    estimate: (settings) => {
      const { sides } = pairOf(settings)
      const { rounds, seconds, warmup } = planOf(settings)
      // One side alone has nothing to be compared with.
      return sides.length < 2 ? 0 : rounds * loads * (around + 2 * (warmup + seconds))
    },
    measure: async (settings, progress) => {
      const { sides, skipped } = pairOf(settings)
      const { rounds, seconds } = planOf(settings)
      const contests = sides.length < 2 ? [] : await contestsOf(sides, settings)
      return {
        name: 'rescue',
        question: 'What does it cost that idle members look after the others?',
        settings: { rescue: `${seconds} s for each side, in turns of a fraction of a second` },
        cases: await runRounds(contests, rounds, progress),
        skipped,
      }
    },
  }
}

async function contestsOf(sides: readonly Side[], settings: Settings): Promise<Contest[]> {
  const { node } = settings
  const { seconds, warmup } = planOf(settings)
  const network = loopback()
  const start = { node, framework: 'http', handler: 'hello', members, network } as const
  const contest = (name: string, load: LoadFor): Contest => ({
    name: `rescue, ${name}`,
    parameters: { members, seconds, load: name },
    contenders: pairContenders(sides, { ...start, load, seconds, warmup }),
  })
  const closed = (client: Client, clients: number): LoadFor => {
    return async (ports, seconds) => {
      const load = { clients, seconds, threads: members }
      return await client.run({ host: network.host, ports }, load)
    }
  }
  const open: LoadFor = async ([port = 0], seconds) => {
    const load = { rate, seconds, warmup: 0 }
    const latencies = await measureLatencies(node.program, network, port, load)
    return { requests: latencies.length, seconds }
  }
  return [
    contest('connections that are kept', closed(await findClient.kept(), clients.kept)),
    contest('a new connection for each request', closed(await findClient.new(), clients.new)),
    contest(`${rate} new connections a second`, open),
  ]
}

function planOf({ rounds, seconds = 3, full }: Settings) {
  return { rounds: rounds ?? (full ? 6 : 3), seconds, warmup: Math.min(longestWarmup, seconds) }
}
