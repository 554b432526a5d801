/** Who serves what: pure functions, with the same result at every member that knows the same. */
import type { Protocol } from '../socket/native.js'
import { hashOf } from '../steering/hash.js'
import type { GroupPolicy } from '../steering/policy.js'
import type { Duty } from './custody.js'

/** A member that serves. */
export interface Server {
  id: string
  weight: number
}

/** How long something has waited before another member takes it, in milliseconds. */
const patience = 3

/** The same where clients have their member: its queue has then not been empty for a second. */
const stickyPatience = 1000

/**
 * How many members watch the queue of a living member. A connection wakes all that watch, and if one
 * of eight is idle, more do not help: https://doi.org/10.1109/71.963420 shows this for two.
 */
const mostRescuers = 8

export interface DutyQuestion {
  /** The listener that it is a duplicate of. */
  inode: number
  /** Its member; undefined for an orphan. */
  owner: Server | undefined
  /** Whether its member does not answer, which it may never do again. */
  isAbsent: boolean
  /** The members that serve, beginning with the one that asks. */
  servers: readonly Server[]
  policy: GroupPolicy
  protocol: Protocol
  /** Whether the one that asks takes what waits at that member although it is alive. */
  rescue: boolean
}

/** How the first of the servers serves a duplicate that it holds. */
export function dutyFor(question: DutyQuestion): Duty {
  const { inode, owner, isAbsent, servers, policy, protocol, rescue } = question
  const [own, ...others] = servers
  // A standby serves when no other does.
  const isStandby = own?.weight === 0 && others.some(({ weight }) => weight > 0)
  if (own === undefined || isStandby) return { kind: 'held' }
  const isSticky = policy === 'source-address'
  const base = isSticky ? stickyPatience : patience
  if (owner === undefined) {
    return isAdopter(inode, servers) ? { kind: 'adopted' } : { kind: 'guarded', patience: base }
  }
  // Nobody adopts it, and its member may never answer again.
  if (isAbsent) return { kind: 'guarded', patience }
  // Datagrams belong to the member that got the previous ones.
  if (!rescue || protocol === 'udp') return { kind: 'held' }
  // A canary waits longer and takes less than members that weigh as much as the busy one.
  const ratio = owner.weight > 0 ? Math.min(1, own.weight / owner.weight) : 1
  // Half for each if both weigh the same; but after `stickyPatience` nothing waits for its member.
  const share = isSticky ? ratio : ratio / (1 + ratio)
  return { kind: 'rescued', patience: Math.ceil(base / ratio), share }
}

/**
 * The ids of the servers whose queues the first server watches: a few that come before it, in an order
 * that does not depend on when or as what they were started. Each is watched by the same number of
 * servers, not counting standbys.
 */
export function watchedBy(servers: readonly Server[]): ReadonlySet<string> {
  const [own, ...others] = servers
  if (own === undefined || others.length <= mostRescuers) return new Set(others.map(({ id }) => id))
  const anyWeight = servers.some(({ weight }) => weight > 0)
  const order = [...servers].sort(
    (one, other) => placeOf(one) - placeOf(other) || (one.id < other.id ? -1 : 1),
  )
  const start = order.indexOf(own)
  const watched = new Set<string>()
  for (let step = 1, rescuers = 0; step < order.length && rescuers < mostRescuers; step++) {
    const server = order.at(start - step)
    if (server === undefined) break
    watched.add(server.id)
    if (!anyWeight || server.weight > 0) rescuers++
  }
  return watched
}

/**
 * Which server serves an orphan before all others do: one of them, chosen by weight for each orphan. A
 * standby does so if all are standbys.
 */
export function adopterOf(inode: number, servers: readonly Server[]): string | undefined {
  const anyWeight = servers.some(({ weight }) => weight > 0)
  const scored = servers.map(({ id, weight }) => ({
    id,
    score: score(inode, id, anyWeight ? weight : 1),
  }))
  scored.sort((one, other) => other.score - one.score || (one.id < other.id ? -1 : 1))
  return scored[0]?.id
}

/** Whether the first of the servers is the one that does so. */
export function isAdopter(inode: number, servers: readonly Server[]): boolean {
  return adopterOf(inode, servers) === servers[0]?.id
}

/** Weighted rendezvous hashing: the highest score wins in proportion to the weights. */
function score(inode: number, id: string, weight: number): number {
  if (weight === 0) return Number.NEGATIVE_INFINITY
  return -weight / Math.log((hashOfText(id, inode) + 0.5) / 2 ** 32)
}

/** The hashes of ids: if many members join at once, each would be computed thousands of times. */
const places = new WeakMap<Server, number>()

/** Where a server is in the order in which servers watch each other. */
function placeOf(server: Server): number {
  const known = places.get(server)
  if (known !== undefined) return known
  const place = hashOfText(server.id)
  places.set(server, place)
  return place
}

function hashOfText(text: string, start = 0): number {
  let number = start
  for (const letter of text) number = hashOf(number ^ letter.charCodeAt(0))
  return number
}
