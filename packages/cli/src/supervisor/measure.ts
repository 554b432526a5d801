import { type LoopDelay, measureMember, type NamedMember } from '@reuse/core/group'
import type { WorkerWork } from '../control/messages.js'
import type { Worker } from './worker.js'

/** How long a member may take to answer, in milliseconds. */
const patience = 500

/** What is reported for a worker that was not asked, or does not say. */
export const unknownWork: WorkerWork = { accepted: null, eventLoopDelay: null, answers: null }

/** Asks workers what only they know: each worker once for each of its sockets. */
export async function measureWorkers(
  workers: Iterable<Worker>,
): Promise<ReadonlyMap<Worker, WorkerWork>> {
  const measured = [...workers].map(
    async (worker): Promise<[Worker, WorkerWork]> => [worker, await measure(worker.members)],
  )
  return new Map(await Promise.all(measured))
}

/** What a member reports about its work, or why it does not. */
export type Measured = Awaited<ReturnType<typeof measureMember>>

/** Asks all members at the same time what they do; returns their answers in the same order. */
export function measureMembers(members: readonly NamedMember[]): Promise<Measured[]> {
  return Promise.all(members.map(({ name }) => measureMember(name, patience)))
}

async function measure(members: readonly NamedMember[]): Promise<WorkerWork> {
  const answers = await measureMembers(members)
  if (answers.includes('silent')) return { ...unknownWork, answers: false }
  const loads = answers.filter((answer) => typeof answer !== 'string')
  if (loads.length === 0) return unknownWork
  const counts = loads.flatMap(({ accepted }) => accepted ?? [])
  return {
    accepted: counts.length === 0 ? null : counts.reduce((sum, count) => sum + count),
    eventLoopDelay: delayOf(loads.flatMap(({ delay }) => delay ?? [])),
    answers: true,
  }
}

/** The delay of all event loops: each thread has one, and reports it for each of its sockets. */
function delayOf(delays: readonly LoopDelay[]): LoopDelay | null {
  if (delays.length === 0) return null
  return {
    mean: delays.reduce((sum, { mean }) => sum + mean, 0) / delays.length,
    max: Math.max(...delays.map(({ max }) => max)),
  }
}
