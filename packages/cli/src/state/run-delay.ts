import { processTree, readProc, threadsOf } from './process-tree.js'

/**
 * How long a process or its descendants have waited for a processor that others had, in milliseconds: the
 * longest wait of one of their threads. 0 if the kernel does not count it.
 */
export function runDelayOf(pid: number): number {
  return Math.max(0, ...processTree(pid).flatMap(threadsOf).map(delayOf))
}

/** The delay of one thread: the second number, in nanoseconds; Documentation/scheduler/sched-stats.rst. */
function delayOf(thread: string): number {
  const [, nanoseconds] = readProc(`${thread}/schedstat`).split(' ')
  return Number(nanoseconds ?? 0) / 1e6
}
