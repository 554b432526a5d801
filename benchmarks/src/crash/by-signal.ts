/** How to tell programs that have no channel to this one what to do. */
import { until } from '@reuse/testkit'
import { pick } from '../restart/pick.js'
import { signals, whoSaid } from './sayings.js'

/** Makes programs kill themselves. */
export function crashAll(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, signals.crash)
}

/** Blocks one of the programs, picked at random; resolves with its process id when it is blocked. */
export async function blockOne(folder: string, pids: readonly number[]): Promise<number> {
  const [pid] = pick(pids, 1)
  if (pid === undefined) throw new Error('nobody is left')
  process.kill(pid, signals.block)
  await until(() => whoSaid(folder, 'blocks').includes(pid))
  return pid
}
