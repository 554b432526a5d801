import type { LeaveReason, LeaveReport } from '../group/departure.js'
import { attempt } from '../lib/attempt.js'
import { builtin } from '../lib/builtin.js'
import { native } from '../socket/native.js'
import { capabilities } from '../socket/platform.js'

/** Makes the report of a leave. */
export function reportOf(
  reason: LeaveReason | null,
  counts: Pick<LeaveReport, 'successors' | 'drained' | 'waited'>,
): LeaveReport {
  return { lossless: reason === null, ...counts, ...(reason && { reason }) }
}

/** Why a socket that nobody else serves may lose something when it closes. */
export function reasonOfLoneClose(socket: number | null): LeaveReason | null {
  if (!capabilities.queue) return 'unsupported'
  if (socket === null) return null
  const waiting = attempt(() => native.getQueue(socket).length)
  if (waiting === undefined) return 'unsupported'
  return waiting > 0 ? 'last-member' : null
}

/** How many turns of the event loop `acceptWaiting` may take. Each accepts at least one connection. */
const mostTurns = 64

/**
 * Lets Node accept what waits in the queue, where nothing better is possible. This saves a few of the
 * connections that a close loses, but not those in the middle of their handshake, which are the majority.
 */
export async function acceptWaiting(socket: number): Promise<void> {
  for (let turn = 0; turn < mostTurns; turn++) {
    await builtin.timers().setImmediate()
    if (capabilities.queue && attempt(() => native.getQueue(socket).length) === 0) return
  }
}
