/** Who serves what: pure, and the same at every member that knows the same. */
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

/** The same where clients have their member: by then it has not moved for a second. */
const stickyPatience = 1000

/**
 * So many members watch the queue of one that lives. A connection wakes all that watch, and where one
 * of eight is idle, more do not help: https://doi.org/10.1109/71.963420 has it for two.
 */
const mostRescuers = 8

export interface DutyQuestion {
  /** Whose duplicate it is. */
  inode: number
  /** Its member; undefined for an orphan. */
  owner: Server | undefined
  /** Whether its member does not answer, which it may never do again. */
  isAbsent: boolean
  /** The members that serve, the one that asks first. */
  servers: readonly Server[]
  policy: GroupPolicy
  protocol: Protocol
  /** Whether the one that asks takes what waits at that member although it lives. */
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
  // Nobody is its adopter, and it may be so for ever.
  if (isAbsent) return { kind: 'guarded', patience }
  // Datagrams belong to whoever has the ones before.
  if (!rescue || protocol === 'udp') return { kind: 'held' }
  // A canary waits longer, and takes less, than those that are as heavy as the one that is busy.
  const ratio = owner.weight > 0 ? Math.min(1, own.weight / owner.weight) : 1
  // Half for each where both are as heavy; but what has waited so long waits for nobody any more.
  const share = isSticky ? ratio : ratio / (1 + ratio)
  return { kind: 'rescued', patience: Math.ceil(base / ratio), share }
}

/**
 * Whose queues the first of the servers watches, by id: of a few before it, in an order that has
 * nothing to do with when or as what they were started. Each is watched by as many, no standbys counted.
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
 * Who of the servers serves an orphan before all others do: one of them, by weight, another for each
 * orphan. A standby does where all are standbys.
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

/** Whether the first of the servers is the one who does. */
export function isAdopter(inode: number, servers: readonly Server[]): boolean {
  return adopterOf(inode, servers) === servers[0]?.id
}

/** Weighted rendezvous hashing: the highest score wins in proportion to the weights. */
function score(inode: number, id: string, weight: number): number {
  if (weight === 0) return Number.NEGATIVE_INFINITY
  return -weight / Math.log((hashOfText(id, inode) + 0.5) / 2 ** 32)
}

/** The hashes of ids: of many members that join at once each would be computed thousands of times. */
const places = new WeakMap<Server, number>()

/** Where a server is in the order of those who watch each other. */
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
