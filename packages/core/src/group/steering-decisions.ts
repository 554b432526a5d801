/** Which filter a group is to have: pure functions of what is known of its sockets. */

import type { Protocol } from '../socket/native.js'
import {
  type Choice,
  chooseFilter,
  constantFilter,
  type Filter,
  kernelHash,
  type Seat,
} from '../steering/filter.js'
import { choiceOf, type GroupPolicy, needsIdentities } from '../steering/policy.js'
import { isKnown, type Order } from './order.js'

/** What is known of a group at one moment. */
export interface Census {
  protocol: Protocol
  /** All of its sockets, as the kernel lists them. */
  inodes: ReadonlySet<number>
  policy: GroupPolicy
  /** Of the members' sockets and the orphans. All others, those of strangers, weigh 1. */
  weights: ReadonlyMap<number, number>
  /** The sockets whose members are gone. */
  orphans: ReadonlySet<number>
  /** The sockets that are being taken out of the group. */
  retiring: ReadonlySet<number>
}

/** How a group chooses, and by which weights; the kernel's own choice is `null`. */
export interface Decision {
  choice: Choice | null
  weights: ReadonlyMap<number, number>
  /** Whether the filter depends on which socket has which index. */
  needsOrder: boolean
}

export function decide({ protocol, inodes, policy, weights, orphans, retiring }: Census): Decision {
  const staying = [...inodes].filter((inode) => !retiring.has(inode))
  const living = staying.filter((inode) => !orphans.has(inode))
  // A standby weighs 0. Where all are standbys, all of them serve.
  const onlyStandbys = living.every((inode) => weights.get(inode) === 0)
  const weigh = (inode: number): number => (onlyStandbys ? 1 : (weights.get(inode) ?? 1))
  const [first = 1, ...others] = living.map(weigh)
  const isEven = others.every((weight) => weight === first)
  const choiceOfAll = choiceOf(policy, [first, ...others])
  // If weights differ, the filter gives an orphan nothing new. If they do not, and for clients that have
  // their member, the orphan keeps its place until another member takes it.
  const ofOrphan = isEven ? first : isByAddress(policy) ? 1 : 0
  const shares = new Map(
    staying.map((inode) => [inode, orphans.has(inode) ? ofOrphan : weigh(inode)]),
  )
  const isLeaving = staying.length < inodes.size && staying.length > 0
  // To pass one of them over takes a filter, even to choose as the kernel does.
  const choiceNow = choiceOfAll ?? (isLeaving ? (protocol === 'udp' ? 'flow' : 'random') : null)
  // With none left there is nothing to choose: strangers may go while the last member does.
  const choice = staying.length === 0 ? null : choiceNow
  const identities = choice !== null && needsIdentities(choice, [...shares.values()])
  // UDP sockets are told apart only where one is to be passed over.
  return { choice, weights: shares, needsOrder: isLeaving || (identities && protocol === 'tcp') }
}

function isByAddress(policy: GroupPolicy): boolean {
  return policy === 'source-address' || typeof policy === 'object'
}

/** The filter of a decision; `null` for the kernel's own choice. */
export function filterFor(census: Census, decision: Decision, order: Order): Filter | null {
  const { choice, weights } = decision
  if (choice === null) return null
  return chooseFilter({ choice, protocol: census.protocol, seats: seatsOf(census, weights, order) })
}

/**
 * A filter that is right both before and after a socket goes. Before, the last index names a socket;
 * afterwards it names none, and the kernel's hash chooses.
 */
export function bridgeFilter({ inodes }: Census): Filter {
  return constantFilter(inodes.size - 1)
}

/** A filter that leaves the choice to the kernel. */
export const hashFilter: Filter = constantFilter(kernelHash)

/**
 * Gives every index a seat. The sockets whose index is not known, those of strangers, are given the
 * indexes that are left: any order will do if they weigh the same, and if they do not, each gets
 * their mean weight.
 */
function seatsOf(census: Census, weights: ReadonlyMap<number, number>, order: Order): Seat[] {
  const { inodes, retiring, protocol } = census
  const known = new Set(order)
  const unknown = [...inodes]
    .filter((inode) => !known.has(inode) && !retiring.has(inode))
    .sort((a, b) => a - b)
  const sum = unknown.reduce((total, inode) => total + (weights.get(inode) ?? 0), 0)
  const mean = unknown.length > 0 ? sum / unknown.length : 0
  const seats = Array.from(inodes, (_, index) => {
    const inode = order[index] ?? 0
    // All that is known of UDP sockets is that the last one takes the index of one that goes: so the
    // index is what stays.
    const id = inode !== 0 && protocol === 'tcp' ? inode : index
    if (inode !== 0) return { index, weight: weights.get(inode) ?? 0, id }
    return { index, weight: mean, id: protocol === 'udp' ? index : (unknown.shift() ?? 0) }
  })
  return seats
}

/** Whether the indexes of all sockets that are to be passed over are known. */
export function canPassOver({ inodes, retiring }: Census, order: Order): boolean {
  const leaving = [...retiring].filter((inode) => inodes.has(inode))
  return isKnown(order) || leaving.every((inode) => order.includes(inode))
}

/** A short number for what a filter depends on; equal if two members would make the same filter. */
export function digestOf({ inodes, policy, retiring }: Census, { weights }: Decision): number {
  const sockets = [...inodes].sort((a, b) => a - b)
  const words = sockets.map((inode) => `${inode}:${weights.get(inode) ?? 'x'}`)
  const text = [JSON.stringify(policy), ...words, [...retiring].sort().join()].join(' ')
  let hash = 0x811c9dc5 // FNV-1a.
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash >>> 0
}
