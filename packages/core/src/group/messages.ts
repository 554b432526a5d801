/**
 * What members say to each other: each is one message, with blanks between its words. A message that is
 * not exactly one of these is refused, and its connection is ended.
 */
import {
  formatPolicy,
  type GroupPolicy,
  maxWeight,
  minWeight,
  parsePolicy,
} from '../steering/policy.js'
import type { LoopDelay } from './loop-delay.js'

/** A policy, and how new it is: of all that members know, the one with the highest number counts. */
export interface DatedPolicy {
  policy: GroupPolicy
  /** Milliseconds since 1970 when it was set, or more. */
  sequence: number
}

/** What a member says of itself. */
export interface Introduction {
  /** What tells it from the others: its socket's inode, its pid and a number. */
  id: string
  /** Its socket's index in the group; -1 if it does not know that index. */
  index: number
  weight: number
  policy: DatedPolicy
  /** Whether its listener is for the same program only. */
  only: boolean
}

/** What a member reports about its work. */
export interface MemberLoad {
  /** How many connections its server has accepted; `null` for a UDP socket. */
  accepted: number | null
  /** How late its event loop has been since somebody last asked; `null` if it was not measured yet. */
  delay: LoopDelay | null
}

/** What the weights of members are multiplied by, for each member's id; all others by 1. */
export type Factors = ReadonlyMap<string, number>

export type Message =
  /** The member that connects, with a duplicate of its listener; and the answer. */
  | ({ type: 'hello' } & Introduction)
  /** The duplicate is held; or it is not, because there is no room for it. */
  | { type: 'holds' | 'full' }
  /** The policy has changed. */
  | { type: 'policy'; policy: DatedPolicy }
  /** The sender has given an orphan to a process that is about to listen. */
  | { type: 'offered'; inode: number }
  /** The sender is taking an orphan out of the group; the orphan is out; it stays after all. */
  | { type: 'retiring' | 'retired' | 'kept'; inode: number }
  /** The group's filter fits what the digest stands for; the sockets by index, 0 for unknown. */
  | { type: 'arranged'; steered: boolean; digest: number; order: readonly number[] }
  /** A keeper says what the weights of members, by id, are multiplied by as long as the keeper is there. */
  | { type: 'balance'; factors: Factors }
  /** A process that is about to listen asks for an orphan; there is none. */
  | { type: 'take' | 'none' }
  /** The sender has not met this member, which may be busy, and wants its listener from a holder. */
  | { type: 'wanted'; id: string }
  /** The answer, with a duplicate of that listener. */
  | { type: 'held'; id: string }
  /** A duplicate of an orphan: the answer to `take`, and what members send to each other. */
  | { type: 'orphan'; inode: number }
  /** A process that is not a member asks who this is; the answer is a hello. */
  | { type: 'about' }
  /** A process that is not a member asks what this member does; and the answer. */
  | { type: 'measure' }
  | ({ type: 'measured' } & MemberLoad)
  /** A process that is not a member wants the group to have another policy. */
  | { type: 'steer'; policy: GroupPolicy }
  /** The answer: the group has the policy, or why it does not. */
  | { type: 'done' }
  | { type: 'failed'; why: string }

/** Why something failed, as far as a message can say it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/[^ -~]+/g, ' ').slice(0, longestReason)
}

const longestReason = 500

export function formatMessage(message: Message): string {
  switch (message.type) {
    case 'hello': {
      const { id, index, weight, policy, only } = message
      const told = index > mostSockets ? -1 : index
      return ['hello', id, told, weight, formatDated(policy), only ? 'only' : 'any'].join(' ')
    }
    case 'wanted':
    case 'held':
      return `${message.type} ${message.id}`
    case 'policy':
      return `policy ${formatDated(message.policy)}`
    case 'steer':
      return `steer ${formatPolicy(message.policy)}`
    case 'failed':
      return `failed ${message.why}`
    case 'measured': {
      const { accepted, delay } = message
      return ['measured', accepted ?? '-', delay?.mean ?? '-', delay?.max ?? '-'].join(' ')
    }
    case 'retiring':
    case 'retired':
    case 'kept':
    case 'orphan':
    case 'offered':
      return `${message.type} ${message.inode}`
    case 'balance':
      return ['balance', ...[...message.factors].slice(0, mostFactors).flat()].join(' ')
    case 'arranged': {
      const { steered, digest, order } = message
      const told = order.length > mostSockets ? [] : order
      return ['arranged', steered ? 'steered' : 'plain', digest, ...told].join(' ')
    }
    default:
      return message.type
  }
}

/** `null` for what no member says. */
export function parseMessage(text: string): Message | null {
  const [type, ...words] = text.split(' ')
  switch (type) {
    case 'hello':
      return parseHello(words)
    case 'policy': {
      const policy = parseDated(words[0], words[1])
      return policy !== null && words.length === 2 ? { type, policy } : null
    }
    case 'retiring':
    case 'retired':
    case 'kept':
    case 'offered':
    case 'orphan': {
      const inode = parseInode(words[0])
      return inode !== null && words.length === 1 ? { type, inode } : null
    }
    case 'wanted':
    case 'held': {
      const [id = ''] = words
      return isId(id) && words.length === 1 ? { type, id } : null
    }
    case 'steer': {
      const policy = parsePolicy(words[0] ?? '')
      return policy !== null && words.length === 1 ? { type, policy } : null
    }
    case 'failed': {
      const why = text.slice('failed '.length)
      return isReason(why) && words.length > 0 ? { type, why } : null
    }
    case 'arranged':
      return parseArranged(words)
    case 'measured':
      return parseMeasured(words)
    case 'balance':
      return parseBalance(words)
    case 'holds':
    case 'full':
    case 'take':
    case 'none':
    case 'about':
    case 'measure':
    case 'done':
      return words.length === 0 ? { type } : null
    default:
      return null
  }
}

function parseHello(words: string[]): Message | null {
  const [id = '', indexWord, weightWord, policyWord, sequenceWord, only] = words
  const index = parseInteger(indexWord, -1, mostSockets)
  const weight = parseNumber(weightWord, 0, maxWeight)
  const policy = parseDated(policyWord, sequenceWord)
  if (!isId(id) || words.length !== 6) return null
  if (index === null || weight === null || policy === null) return null
  if (only !== 'only' && only !== 'any') return null
  return { type: 'hello', id, index, weight, policy, only: only === 'only' }
}

/** No event loop is later than this, in milliseconds: 24 days. */
const longestDelay = 2 ** 31

function parseMeasured(words: string[]): Message | null {
  const [acceptedWord, meanWord, maxWord] = words
  if (words.length !== 3) return null
  const accepted =
    acceptedWord === '-' ? null : parseInteger(acceptedWord, 0, Number.MAX_SAFE_INTEGER)
  if (accepted === null && acceptedWord !== '-') return null
  if (meanWord === '-' && maxWord === '-') return { type: 'measured', accepted, delay: null }
  const mean = parseNumber(meanWord, 0, longestDelay)
  const max = parseNumber(maxWord, 0, longestDelay)
  if (mean === null || max === null) return null
  return { type: 'measured', accepted, delay: { mean, max } }
}

/** How many factors a keeper sends at most: a message with that many always fits. */
const mostFactors = 400

function parseBalance(words: string[]): Message | null {
  const factors = new Map<string, number>()
  for (let i = 0; i < words.length; i += 2) {
    const id = words[i] ?? ''
    const factor = parseNumber(words[i + 1], minWeight, maxWeight)
    if (!isId(id) || factor === null || factors.has(id)) return null
    factors.set(id, factor)
  }
  return factors.size <= mostFactors ? { type: 'balance', factors } : null
}

function isId(word: string): boolean {
  return /^\d{1,10}\.\d{1,10}\.[0-9a-z]{1,20}$/.test(word)
}

function isReason(text: string): boolean {
  return text.length <= longestReason && /^[ -~]*$/.test(text)
}

/** How many sockets a message tells of at most; more can be probed. */
const mostSockets = 2000

function parseArranged([kind, digestWord, ...inodes]: string[]): Message | null {
  const digest = parseInteger(digestWord, 0, 2 ** 32 - 1)
  const order = inodes.map((word) => (word === '0' ? 0 : parseInode(word)))
  if ((kind !== 'steered' && kind !== 'plain') || digest === null) return null
  if (!order.every((inode) => inode !== null) || order.length > mostSockets) return null
  return { type: 'arranged', steered: kind === 'steered', digest, order }
}

function formatDated({ policy, sequence }: DatedPolicy): string {
  return `${formatPolicy(policy)} ${sequence}`
}

function parseDated(policyWord = '', sequenceWord?: string): DatedPolicy | null {
  const policy = parsePolicy(policyWord)
  // No clock is a day ahead; a policy with a later date could not be replaced before that date.
  const sequence = parseInteger(sequenceWord, 0, Date.now() + 86_400_000)
  return policy !== null && sequence !== null ? { policy, sequence } : null
}

function parseInode(word?: string): number | null {
  return parseInteger(word, 1, 2 ** 32 - 1)
}

function parseInteger(word: string | undefined, low: number, high: number): number | null {
  const number = parseNumber(word, low, high)
  return Number.isInteger(number) ? number : null
}

/** A number as JavaScript writes it, in only one way for each: `1e-7`, and not `0.0000001`. */
function parseNumber(word: string | undefined, low: number, high: number): number | null {
  const number = Number(word)
  return String(number) === word && number >= low && number <= high ? number : null
}
