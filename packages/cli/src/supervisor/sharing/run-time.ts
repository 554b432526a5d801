import { runDelayOf } from '../../state/run-delay.js'
import type { Worker } from '../worker.js'

/** A program that listens on nothing is ready when it has run this long, in milliseconds. */
const readyAfter = 1000

/** Whether its program has run for that long. Time in which others had the processors does not count. */
export function hasRunLong({ runtime, pid }: Worker): boolean {
  return runtime >= readyAfter && runtime - (pid === null ? 0 : runDelayOf(pid)) >= readyAfter
}
