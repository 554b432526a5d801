import type { Group } from './group.js'
import { takeRoll } from './position.js'
import { type Announcement, type Entry, presentMembers } from './presence.js'
import { choiceOf, type GroupPolicy, needsIdentities } from './steering/policy.js'
import {
  type Choice,
  chooseProgram,
  constantProgram,
  kernelHash,
  type Program,
  type Seat,
} from './steering/program.js'

/** A group as it is at one moment, with what its members say of themselves. */
export interface Census {
  inodes: ReadonlySet<number>
  policy: GroupPolicy
  sequence: number
  weightOf(inode: number): number
}

/** Counts the group. Members that say nothing, programs without @reuse, have the weight 1. */
export function takeCensus(group: Group): Census {
  const inodes = new Set(group.sockets().map(({ inode }) => inode))
  const entries = presentMembers(group).filter(({ inode }) => inodes.has(inode))
  const newest = entries.reduce<Entry | undefined>(
    (best, entry) => (best === undefined || entry.sequence > best.sequence ? entry : best),
    undefined,
  )
  const weights = new Map(entries.map(({ inode, weight }) => [inode, weight]))
  return {
    inodes,
    policy: newest?.policy ?? 'hash',
    sequence: newest?.sequence ?? 0,
    weightOf: (inode) => weights.get(inode) ?? 1,
  }
}

/** Whether a group still has the members that it was counted with. */
export function isUnchanged(group: Group, { inodes }: Census): boolean {
  const now = group.sockets()
  return now.length === inodes.size && now.every(({ inode }) => inodes.has(inode))
}

/**
 * Works out the program of a group's policy. Under the group's lock.
 *
 * @param announce tells the other members of the change, whose help it may take
 * @returns `null` where the kernel chooses by itself
 */
export async function programFor(
  group: Group,
  census: Census,
  announce: () => Announcement,
): Promise<Program | null> {
  const { inodes, policy } = census
  const weights = weigh(census, [...inodes])
  const choice = choiceOf(policy, [...weights.values()])
  if (choice === null) return null
  const roll = await rollFor(group, census, choice, weights, announce)
  const seats = seatsOf(group, inodes, roll ?? new Map(), weights)
  return chooseProgram({ choice, protocol: group.protocol, seats })
}

export interface AwayProgram {
  program: Program
  /** The index that the program passes over. */
  position: number
  /** Whether the kernel chooses by itself when the member is gone. */
  thenByKernel: boolean
}

/**
 * Works out a program that passes over the group's own socket, and does with the others what the
 * group's policy says. TCP, under the group's lock.
 *
 * @returns `null` if the socket could not be found in its group
 */
export async function programAwayFrom(
  group: Group,
  census: Census,
  announce: () => Announcement,
): Promise<AwayProgram | null> {
  const { inodes, policy } = census
  const weights = weigh(
    census,
    [...inodes].filter((inode) => inode !== group.inode),
  )
  const lasting = choiceOf(policy, [...weights.values()])
  // Without the one that leaves it takes a program even to choose as the kernel does.
  const choice = lasting ?? 'random'
  const roll =
    (await rollFor(group, census, choice, weights, announce)) ??
    (await takeRoll(group, inodes.size, kernelHashProgram))
  const position = [...roll].find(([, inode]) => inode === group.inode)?.[0]
  if (position === undefined) return null
  const seats = seatsOf(group, inodes, roll, weights).filter(({ index }) => index !== position)
  const program = chooseProgram({ choice, protocol: group.protocol, seats })
  return { program, position, thenByKernel: lasting === null }
}

/** Who has which index, where the choice depends on it; else `null`. */
async function rollFor(
  group: Group,
  { inodes }: Census,
  choice: Choice,
  weights: ReadonlyMap<number, number>,
  announce: () => Announcement,
): Promise<Map<number, number> | null> {
  // UDP sockets cannot be told apart: nothing asks for the size of datagrams.
  if (group.protocol === 'udp' || !needsIdentities(choice, [...weights.values()])) return null
  return takeRoll(group, inodes.size, kernelHashProgram, announce())
}

const kernelHashProgram = constantProgram(kernelHash)

/** A standby has the weight 0. Where all members are standbys, all of them serve. */
function weigh({ weightOf }: Census, members: number[]): Map<number, number> {
  const standby = members.every((inode) => weightOf(inode) === 0)
  return new Map(members.map((inode) => [inode, standby ? 1 : weightOf(inode)]))
}

/**
 * Seats every index of the group. The members whose index is not known, strangers and those too
 * busy to answer, are given the indexes that are left: any order will do where they weigh the same,
 * and where they do not, each has the mean of them.
 */
function seatsOf(
  group: Group,
  inodes: ReadonlySet<number>,
  roll: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
): Seat[] {
  const known = new Set(roll.values())
  const unknown = [...inodes].filter((inode) => !known.has(inode)).sort((a, b) => a - b)
  const sum = unknown.reduce((total, inode) => total + (weights.get(inode) ?? 0), 0)
  const mean = unknown.length > 0 ? sum / unknown.length : 0
  return Array.from(inodes, (_, index) => {
    const inode = roll.get(index)
    if (inode !== undefined) return { index, weight: weights.get(inode) ?? 0, id: inode }
    // Of UDP sockets it is only known that the last takes the place of one that goes: so the place
    // is what stays.
    const id = group.protocol === 'udp' ? index : (unknown.shift() ?? 0)
    return { index, weight: mean, id }
  })
}
