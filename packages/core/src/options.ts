import { checkPolicy, type GroupPolicy, maxWeight, minWeight } from './steering/policy.js'

/** What `setReuse` takes. */
export interface ReuseOptions {
  /**
   * The opposite: nobody may share this port. Default `false`. A later sharer gets `EADDRINUSE`.
   */
  exclusive?: boolean
  /**
   * Share with processes of this very program only: the same executable file on the same script
   * (its real path). Linux.
   *
   * Where a socket of another program, or of another user, is on the port, on this address or on
   * one that overlaps it, listening fails with `ERR_REUSE_FOREIGN_PROGRAM`. One that joins later
   * cannot be kept out: there is a warning, `REUSE_FOREIGN_MEMBER`, within two seconds.
   */
  only?: 'same-program'
  /**
   * Who gets the group's new connections (Linux). Without it, the group keeps the policy that it
   * has; a group that has none has `'hash'`.
   */
  steering?: GroupPolicy
  /**
   * This member's share beside the others', whose default is 1 (Linux, TCP): 0, or from 0.001 to
   * 1000. 0 is a standby, which gets connections when all others have left; 0.01 is a canary.
   */
  weight?: number
  /**
   * Milliseconds that a leave may take, and that idle connections of an HTTP server may live on
   * after it. Default 5000.
   */
  leaveTimeout?: number
  /**
   * TCP Fast Open (Linux): how many connections may send data in their SYN before the handshake is
   * complete. tcp(7), `TCP_FASTOPEN`.
   */
  fastOpen?: number
  /**
   * Seconds for which the kernel keeps a connection from the accept queue until its first data
   * comes (Linux, TCP). The kernel rounds up to whole retransmissions. tcp(7), `TCP_DEFER_ACCEPT`.
   */
  deferAccept?: number
  /**
   * The CPU whose connections this member should get (Linux 4.4, refined in 6.1). socket(7),
   * `SO_INCOMING_CPU`.
   */
  incomingCpu?: number
}

type Rule =
  | { readonly type: 'boolean' | 'string' }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'weight' }
  | { readonly type: 'policy' }
  | { readonly type: 'one of'; readonly values: readonly string[] }

/** The options of one function: what each may be. */
export type Schema<T> = { readonly [Name in keyof T]-?: Rule }

const int32 = 2 ** 31 - 1

/** The default of the option `leaveTimeout`, in milliseconds. */
export const defaultLeaveTimeout = 5000

export const port: Rule = { type: 'integer', min: 1, max: 65535 }

const reuseOptions: Schema<ReuseOptions> = {
  exclusive: { type: 'boolean' },
  only: { type: 'one of', values: ['same-program'] },
  steering: { type: 'policy' },
  weight: { type: 'weight' },
  leaveTimeout: { type: 'integer', min: 0, max: int32 },
  fastOpen: { type: 'integer', min: 0, max: int32 },
  deferAccept: { type: 'integer', min: 0, max: int32 },
  incomingCpu: { type: 'integer', min: 0, max: int32 },
}

/**
 * Checks what a caller gave against a schema; `undefined` stands for "not given".
 *
 * @throws TypeError on an unknown name, with the nearest known one, or a value of the wrong type
 * @throws RangeError on a number out of range
 */
export function checkOptions<T extends object>(caller: string, given: T, schema: Schema<T>): T {
  if (typeof given !== 'object' || given === null) {
    throw new TypeError(`${caller}: options must be an object, got ${show(given)}`)
  }
  const rules = new Map<string, Rule>(Object.entries(schema))
  for (const [name, value] of Object.entries(given)) {
    const rule = rules.get(name)
    if (rule === undefined) {
      const known = nearest(name, [...rules.keys()])
      throw new TypeError(`${caller}: unknown option "${name}"; did you mean "${known}"?`)
    }
    if (value !== undefined) checkValue(`${caller}: option "${name}"`, value, rule)
  }
  return given
}

/** Checks the options of `setReuse`. */
export function checkReuseOptions(given: ReuseOptions): ReuseOptions {
  const checked = { ...checkOptions('setReuse', given, reuseOptions) }
  for (const name of ['steering', 'weight'] as const) {
    if (checked.exclusive && checked[name] !== undefined) {
      throw new TypeError(`setReuse: an exclusive socket is in no group: it has no "${name}"`)
    }
  }
  return checked
}

function checkValue(subject: string, value: unknown, rule: Rule): void {
  switch (rule.type) {
    case 'integer': {
      const expected = `must be an integer from ${rule.min} to ${rule.max}`
      if (typeof value !== 'number') {
        throw new TypeError(`${subject} ${expected}, got ${show(value)}`)
      }
      if (!Number.isInteger(value) || value < rule.min || value > rule.max) {
        throw new RangeError(`${subject} ${expected}, got ${show(value)}`)
      }
      break
    }
    case 'weight': {
      const expected = `must be 0, or from ${minWeight} to ${maxWeight}`
      if (typeof value !== 'number') {
        throw new TypeError(`${subject} ${expected}, got ${show(value)}`)
      }
      if (value !== 0 && !(value >= minWeight && value <= maxWeight)) {
        throw new RangeError(`${subject} ${expected}, got ${show(value)}`)
      }
      break
    }
    case 'policy':
      checkPolicy(subject, value)
      if (typeof value === 'object' && 'weights' in value) {
        throw new TypeError(
          `${subject}: weights are for member.steer(), when all members are there`,
        )
      }
      break
    case 'one of':
      if (typeof value !== 'string' || !rule.values.includes(value)) {
        const expected = rule.values.map((name) => `"${name}"`).join(' or ')
        throw new TypeError(`${subject} must be ${expected}, got ${show(value)}`)
      }
      break
    default:
      if (typeof value !== rule.type) {
        throw new TypeError(`${subject} must be a ${rule.type}, got ${show(value)}`)
      }
  }
}

/** A value as an error message shows it. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object' && value !== null) {
    return `an instance of ${value.constructor?.name ?? 'Object'}`
  }
  return String(value)
}

function nearest(name: string, known: readonly string[]): string | undefined {
  const distances = known.map((candidate) => ({ candidate, edits: distance(name, candidate) }))
  return distances.sort((a, b) => a.edits - b.edits)[0]?.candidate
}

/** Levenshtein's edit distance, without regard to case. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of [...from.toLowerCase()].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      const removed = (row[column + 1] ?? 0) + 1
      const added = (next[column] ?? 0) + 1
      next.push(Math.min(replaced, removed, added))
    }
    row = next
  }
  return row[to.length] ?? 0
}
