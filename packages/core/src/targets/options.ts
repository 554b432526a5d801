import { checkOptions, type Elsewhere, type Schema } from '../lib/check-options.js'
import { show } from '../lib/show.js'
import { checkPolicy, type GroupPolicy, maxWeight, minWeight } from '../steering/policy.js'

/** The options of `setReuse`. */
export interface ReuseOptions {
  /**
   * The opposite of sharing: no other socket can share this port; one that tries gets `EADDRINUSE`.
   * Default `false`.
   */
  exclusive?: boolean
  /**
   * Share only with processes of the same program: the same executable file running the same script
   * (compared by its real path). Linux.
   *
   * If a socket of another program, or of another user, is already on the port, on this address or on
   * one that overlaps it, listening fails with `ERR_REUSE_FOREIGN_PROGRAM`. A socket that joins later
   * cannot be kept out: the process emits a warning, `REUSE_FOREIGN_MEMBER`, within two seconds.
   */
  only?: 'same-program'
  /**
   * Which member gets each new connection of the group (Linux). Without this option, the group keeps
   * its policy, which by default is `'hash'`.
   */
  steering?: GroupPolicy
  /**
   * This member's share, relative to the others' (Linux, TCP): 0, or from 0.001 to 1000. Default 1.
   * 0 makes it a standby, which gets connections only when all others have left; 0.01, a canary.
   */
  weight?: number
  /**
   * Whether this member, when it is idle, serves connections that have waited a few milliseconds at
   * members that are busy or stopped (Linux, TCP). Default `true`. Connections that wait at a member
   * that has left or died are served in any case.
   */
  rescue?: boolean
  /**
   * How long leaving may take, and how long idle connections of an HTTP server stay open afterwards,
   * in milliseconds. Default 5000.
   */
  leaveTimeout?: number
  /**
   * TCP Fast Open (Linux): how many connections may send data in their SYN before the handshake is
   * complete. tcp(7), `TCP_FASTOPEN`.
   */
  fastOpen?: number
  /**
   * How many seconds the kernel holds a connection back from the accept queue until its first data
   * arrives (Linux, TCP). The kernel rounds up to whole retransmissions. tcp(7), `TCP_DEFER_ACCEPT`.
   */
  deferAccept?: number
  /**
   * The CPU whose connections this member should get (Linux 4.4, refined in 6.1). socket(7),
   * `SO_INCOMING_CPU`.
   */
  incomingCpu?: number
}

/** The options with which a server or UDP socket is shared. */
export interface TargetOptions extends ReuseOptions {
  /**
   * Whether the program itself does not use @reuse. If so, listening twice on one port is an error, as
   * in plain Node, and a UDP socket on port 0 shares nothing: it is a client, and there may be many.
   */
  isUnchanged?: boolean
}

const int32 = 2 ** 31 - 1

/** The default of the option `leaveTimeout`, in milliseconds. */
export const defaultLeaveTimeout = 5000

const reuseOptions: Schema<ReuseOptions> = {
  exclusive: { type: 'boolean' },
  only: { type: 'one of', values: ['same-program'] },
  steering: { type: 'checked', check: checkGroupPolicy },
  weight: { type: 'checked', check: checkWeight },
  rescue: { type: 'boolean' },
  leaveTimeout: { type: 'integer', min: 0, max: int32, unit: 'milliseconds' },
  fastOpen: { type: 'integer', min: 0, max: int32 },
  deferAccept: { type: 'integer', min: 0, max: int32, unit: 'seconds' },
  incomingCpu: { type: 'integer', min: 0, max: int32 },
}

const ofListen = 'pass it to listen() or bind()'
const byItself = 'setReuse does not need it'

/** Names that people use here by mistake, and what to use instead. */
const elsewhere: Elsewhere = {
  port: ofListen,
  host: ofListen,
  address: ofListen,
  backlog: ofListen,
  ipv6Only: ofListen,
  signal: ofListen,
  reusePort: byItself,
  reuseAddr: byItself,
  reuse: byItself,
  timeout: 'a leave may take "leaveTimeout" milliseconds',
  weights: 'each member sets its own "weight"; member.steer() sets all at once',
  policy: 'it is called "steering"',
  payload: 'write steering: { payload: ... }',
}

/**
 * Checks the options of `setReuse`.
 *
 * @param caller the function that got the options
 */
export function checkReuseOptions(given: ReuseOptions, caller = 'setReuse'): ReuseOptions {
  const checked = { ...checkOptions(caller, given, reuseOptions, elsewhere) }
  for (const name of Object.keys(reuseOptions) as (keyof ReuseOptions)[]) {
    if (checked[name] === undefined) delete checked[name] // It counts as not given.
  }
  for (const name of ['steering', 'weight'] as const) {
    if (checked.exclusive && checked[name] !== undefined) {
      throw new TypeError(`${caller}: option "${name}" cannot be combined with "exclusive"`)
    }
  }
  return checked
}

function checkWeight(subject: string, value: unknown): void {
  const expected = `must be 0, or from ${minWeight} to ${maxWeight}`
  if (typeof value !== 'number') throw new TypeError(`${subject} ${expected}, got ${show(value)}`)
  if (value !== 0 && !(value >= minWeight && value <= maxWeight)) {
    throw new RangeError(`${subject} ${expected}, got ${show(value)}`)
  }
}

function checkGroupPolicy(subject: string, value: unknown): void {
  checkPolicy(subject, value)
  if ('weights' in Object(value)) {
    throw new TypeError(`${subject}: weights are for member.steer(), after all members have joined`)
  }
}
