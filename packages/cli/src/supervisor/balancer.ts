import type { NamedMember } from '@reuse/core/group'
import { factorsOf, playRound } from '../balance/round.js'
import type { Standing } from '../balance/standing.js'
import type { Sample } from '../balance/wait.js'
import { type Measured, measureMembers } from './measure.js'
import type { Sharing } from './sharing/sharing.js'
import type { Worker } from './worker.js'

/** From the end of one round to the next, in milliseconds. */
const interval = 1000

/** A group's members, by their names, as they stood after the last round. */
type Standings = ReadonlyMap<string, Standing>

/**
 * Gives workers that are busier than the others fewer new connections: once a second it asks all workers, and
 * has the keepers tell the groups what their members weigh. Each thread of a worker is balanced separately.
 *
 * Only TCP groups: a UDP datagram belongs to the member that got the previous ones.
 */
export class Balancer {
  readonly #workers: () => Iterable<Worker>
  readonly #sharing: Sharing
  #standings: ReadonlyMap<string, Standings> = new Map()
  /** How many connections each member had accepted, by its name. */
  #accepted: ReadonlyMap<string, number> = new Map()
  #measuredAt = performance.now()
  #timer: NodeJS.Timeout
  #isClosed = false

  /** @param workers those that are balanced */
  constructor(workers: () => Iterable<Worker>, sharing: Sharing) {
    this.#workers = workers
    this.#sharing = sharing
    this.#timer = setTimeout(() => this.#round(), interval)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #round(): Promise<void> {
    const samples = await this.#sample()
    if (this.#isClosed) return
    const now = performance.now()
    const standings = new Map<string, Standings>()
    for (const [key, ofGroup] of samples) {
      const before = this.#standings.get(key) ?? new Map()
      const after = playRound(before, ofGroup, now - this.#measuredAt)
      standings.set(key, after)
      this.#sharing.balance(key, factorsOf(after))
    }
    this.#standings = standings
    this.#measuredAt = now
    this.#timer = setTimeout(() => this.#round(), interval)
  }

  /** Samples by group and member name. */
  async #sample(): Promise<Map<string, Map<string, Sample>>> {
    const ready = [...this.#workers()].filter(({ state }) => state === 'ready')
    const members = ready.flatMap((one) => one.members).filter(({ protocol }) => protocol === 'tcp')
    const loads = await measureMembers(members)
    const accepted = new Map<string, number>()
    const samples = new Map<string, Map<string, Sample>>()
    for (const [index, member] of members.entries()) {
      const load = loads[index] ?? 'gone'
      const ofGroup = samples.get(member.key) ?? new Map<string, Sample>()
      ofGroup.set(member.name, this.#sampleOf(member, load))
      samples.set(member.key, ofGroup)
      if (typeof load !== 'string' && load.accepted !== null) {
        accepted.set(member.name, load.accepted)
      }
    }
    this.#accepted = accepted
    return samples
  }

  #sampleOf(member: NamedMember, load: Measured): Sample {
    const answers = load !== 'silent'
    const { accepted, delay } = typeof load === 'string' ? { accepted: null, delay: null } : load
    const before = this.#accepted.get(member.name)
    return {
      answers,
      queue: this.#sharing.queueOf(member)?.length ?? null,
      accepted: accepted === null || before === undefined ? null : accepted - before,
      delay: delay?.mean ?? null,
    }
  }
}
