/** A program that does to the members of a group what anybody on the machine can do. */
import fs from 'node:fs'
import type { TestContext } from 'node:test'
import { type Fixture, needs, startFixture } from '@reuse/testkit'
import { groupKey, listMembers } from '../src/inspect/member-names.js'
import { fixtureSource, startGroup } from './programs.js'
import { untilAllHold } from './waiting.js'

/** What became of messages that were sent to a member. */
export interface Sent {
  sent: number
  received: string[]
  /** Whether the member has closed the connection. */
  ended: boolean
}

/** A user other than the members' own that the tests become. */
export const otherUser = 1234

/**
 * Starts the program as another user, or as the members' own.
 *
 * @param through a command that starts it
 */
export async function startAttacker(
  t: TestContext,
  uid?: number,
  through: readonly string[] = [],
): Promise<Fixture> {
  const args = uid === undefined ? [] : [String(uid)]
  const program = ['python3', fixtureSource('attacker.py').pathname, ...args]
  const attacker = startFixture(t, [...through, ...program])
  await attacker.hear('ready')
  return attacker
}

export const needsAttacker = needs('holders', 'python')

const isRoot = process.geteuid?.() === 0
export const needsOtherUser = isRoot ? needsAttacker : { skip: 'only root can become another user' }

/** The key by which the members of a port of 127.0.0.1 know their group. */
export function keyOf(port: number): string {
  return groupKey('tcp', { address: '127.0.0.1', family: 4, ipv6Only: false, port })
}

/** The endpoint of a process that is a member of a port of 127.0.0.1. */
export function nameOf(port: number, pid: number) {
  const member = listMembers(keyOf(port)).find((one) => one.pid === pid)
  if (member === undefined) throw new Error(`${pid} is no member of port ${port}`)
  return member
}

/** Starts a group whose members hold each other's listeners. */
export async function startHoldingGroup(t: TestContext, size: number) {
  const { port, members } = await startGroup(t, size)
  await untilAllHold(port, members)
  const [first, second] = members
  if (first === undefined) throw new RangeError('a group has a first member')
  return { port, members, first, second: second ?? first, endpoint: nameOf(port, first.pid).name }
}

export const openDescriptors = (pid: number): number => fs.readdirSync(`/proc/${pid}/fd`).length
