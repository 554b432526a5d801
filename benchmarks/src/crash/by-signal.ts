/** How programs are told what to do that have no channel to this one. */
import { until } from '@reuse/testkit'
import { pick } from '../restart/pick.js'
import { signals, whoSaid } from './sayings.js'

/** Has programs kill themselves. */
export function crashAll(pids: readonly number[]): void {
  for (const pid of pids) process.kill(pid, signals.crash)
}

/** Blocks one of some programs, by chance; gives its process id when it is blocked. */
export async function blockOne(folder: string, pids: readonly number[]): Promise<number> {
  const [pid] = pick(pids, 1)
  if (pid === undefined) throw new Error('nobody is left')
  process.kill(pid, signals.block)
  await until(() => whoSaid(folder, 'blocks').includes(pid))
  return pid
}
