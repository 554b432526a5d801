import { processTree, readProc, threadsOf } from './process-tree.js'

/**
 * How long a process, or one that it has started, has waited for a processor that others had, in
 * milliseconds: the longest wait of one of their threads. 0 where the kernel does not count it.
 */
export function runDelayOf(pid: number): number {
  return Math.max(0, ...processTree(pid).flatMap(threadsOf).map(delayOf))
}

/** Of one thread: the second number is in nanoseconds; Documentation/scheduler/sched-stats.rst. */
function delayOf(thread: string): number {
  const [, nanoseconds] = readProc(`${thread}/schedstat`).split(' ')
  return Number(nanoseconds ?? 0) / 1e6
}
