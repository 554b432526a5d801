/** What is reported about a worker: in events, to the next manager, in the status. */
import type { NamedMember, Queue } from '@reuse/core/group'
import type { AppMeasures, WorkerStatus, WorkerWork } from '../control/messages.js'
import type { SavedWorker } from '../state/file.js'
import { cpuTimeOf, memoryOf } from '../state/process-usage.js'
import type { WorkerInfo } from './events.js'
import { unknownWork } from './measure.js'
import type { Sharing } from './sharing/sharing.js'
import type { Slot } from './slot.js'
import type { Worker } from './worker.js'

/** A worker as events describe it. */
export function infoOf({ slot, pid, version }: Worker): WorkerInfo {
  return { worker: slot, pid, version }
}

/** A worker as the next manager finds it; none if it has ended. */
export function savedOf(worker: Worker): SavedWorker[] {
  const { id, slot, version, definition, state, identity, keepsGroup } = worker
  // A worker that ended immediately has no start time.
  if (identity === null || identity.startTime === 0 || state === 'ended') return []
  const states = { isReady: state === 'ready', isLeaving: state === 'leaving' }
  return [{ id, slot, version, definition, ...identity, ...states, keepsGroup }]
}

/** The workers of a slot as the status describes them: while one is being replaced, there are two. */
export function statusesOf(slot: Slot, sharing: Sharing): WorkerStatus[] {
  const { number: worker, restarts, crashes } = slot
  const { workers } = slot
  if (workers.length === 0) {
    const none = { pid: null, uptime: null, memory: null, cpuTime: null, queue: null, share: null }
    const past = { restarts, crashes, version: slot.lastVersion }
    const threads = { threads: 0, threadRestarts: null }
    return [{ worker, state: 'waiting', ...past, ...none, ...threads, listens: [] }]
  }
  return workers.map((one) => {
    const { pid, state, version, age, groups: places, members, threads, threadRestarts } = one
    return {
      ...{ worker, pid, version, restarts, crashes },
      state: state === 'ended' ? 'waiting' : state,
      uptime: Math.round(age),
      memory: pid === null ? null : memoryOf(pid),
      cpuTime: pid === null ? null : cpuTimeOf(pid),
      queue: sumOf(members.flatMap((member) => sharing.queueOf(member) ?? [])),
      share: shareOf(members, sharing),
      ...{ threads, threadRestarts },
      listens: [...places.values()].sort(),
    }
  })
}

/** The same, with what the workers have reported. */
export function measuresOf(
  slot: Slot,
  sharing: Sharing,
  told: ReadonlyMap<Worker, WorkerWork>,
): AppMeasures['workers'] {
  const { workers } = slot
  return statusesOf(slot, sharing).map((status, index) => {
    const worker = workers[index]
    const work = worker === undefined ? undefined : told.get(worker)
    return { ...status, ...(work ?? unknownWork) }
  })
}

function sumOf(queues: readonly Queue[]): Queue | null {
  if (queues.length === 0) return null
  return queues.reduce((sum, { length, limit }) => ({
    length: sum.length + length,
    limit: sum.limit + limit,
  }))
}

/** The mean of its shares of its ports. On a port, its members, which are its threads, have one each. */
function shareOf(members: readonly NamedMember[], sharing: Sharing): number | null {
  const shares = new Map<string, number>()
  for (const member of members) {
    const share = sharing.shareOf(member)
    if (share !== null) shares.set(member.key, (shares.get(member.key) ?? 0) + share)
  }
  if (shares.size === 0) return null
  return [...shares.values()].reduce((sum, share) => sum + share) / shares.size
}
