import { show } from '../lib/show.js'
import type { Choice, PayloadBytes } from './filter.js'

/**
 * Who gets a new connection, or datagram, of a group.
 *
 * - `'hash'`: the kernel's own choice, by addresses and ports. If the members' weights differ, at
 *   random, in proportion to the weights.
 * - `'random'`: at random, in proportion to the weights.
 * - `'source-address'`: everything from one client address goes to one member. When a member comes or
 *   goes, only about 1/n of the addresses move. Of the weights only 0 matters.
 * - `'cpu'`: by the processor that handles the packet. Of the weights only 0 matters.
 * - `{ weights }`: at random, in these proportions, one for each member in the order in which they
 *   began to listen. For a process that has opened them all; it holds until the group changes.
 * - `{ payload }`: UDP: all datagrams with the same 1–8 bytes at an offset go to one member.
 */
export type SteeringPolicy = GroupPolicy | { weights: readonly number[] }

/** A policy that stays valid when members come and go. */
export type GroupPolicy = 'hash' | 'random' | 'source-address' | 'cpu' | { payload: PayloadBytes }

const names = ['hash', 'random', 'source-address', 'cpu'] as const

export const maxWeight = 1000
export const minWeight = 0.001

/**
 * @throws TypeError, RangeError for what is not a policy
 */
export function checkPolicy(caller: string, policy: unknown): asserts policy is SteeringPolicy {
  if (typeof policy === 'string' && names.some((name) => name === policy)) return
  if (typeof policy === 'object' && policy !== null) {
    const [[kind, value] = ['', undefined], ...more] = Object.entries(policy)
    if (more.length === 0 && kind === 'weights') return checkWeights(caller, value)
    if (more.length === 0 && kind === 'payload') return checkPayload(caller, value)
  }
  const known = [...names.map((name) => `"${name}"`), '{ weights }', '{ payload }'].join(', ')
  throw new TypeError(`${caller}: a steering policy is one of ${known}; got ${show(policy)}`)
}

function checkWeights(caller: string, weights: unknown): void {
  if (!Array.isArray(weights)) {
    throw new TypeError(`${caller}: weights must be an array, got ${show(weights)}`)
  }
  for (const weight of weights) {
    if (typeof weight !== 'number') {
      throw new TypeError(`${caller}: a weight must be a number, got ${show(weight)}`)
    }
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`${caller}: a weight must be 0 or more, got ${weight}`)
    }
  }
  if (!weights.some((weight) => weight > 0)) {
    throw new RangeError(`${caller}: all weights are 0: at least one must be above 0`)
  }
}

function checkPayload(caller: string, payload: unknown): asserts payload is PayloadBytes {
  const { offset, length } = { offset: undefined, length: undefined, ...Object(payload) }
  const fits = (value: unknown, low: number, high: number): boolean =>
    Number.isInteger(value) && Number(value) >= low && Number(value) <= high
  if (!fits(length, 1, 8) || !fits(offset, 0, 65_527 - Number(length))) {
    throw new RangeError(
      `${caller}: payload must be { offset: 0 or more, length: 1 to 8 }, got { offset: ${show(offset)}, length: ${show(length)} }`,
    )
  }
}

/** A policy as a word without blanks or slashes. */
export function formatPolicy(policy: GroupPolicy): string {
  if (typeof policy === 'string') return policy[0] ?? ''
  return `p${policy.payload.offset}.${policy.payload.length}`
}

/** The policy that such a word stands for; `null` for one that stands for none. */
export function parsePolicy(word: string): GroupPolicy | null {
  const [, offsetDigits, lengthDigits] = /^p(\d{1,5})\.([1-8])$/.exec(word) ?? []
  if (offsetDigits === undefined) return names.find((name) => name[0] === word) ?? null
  const payload = { offset: Number(offsetDigits), length: Number(lengthDigits) }
  return payload.offset + payload.length <= 65_527 ? { payload } : null
}

/** How a policy chooses; `null` where the kernel does it by itself. */
export function choiceOf(policy: GroupPolicy, weights: readonly number[]): Choice | null {
  if (policy !== 'hash') return policy
  return weights.every((weight) => weight === weights[0]) ? null : 'random'
}

/** Whether a choice needs to know which member has which index. */
export function needsIdentities(choice: Choice, weights: readonly number[]): boolean {
  if (choice === 'source-address' || typeof choice === 'object') return true
  return !weights.every((weight) => weight === weights[0])
}
