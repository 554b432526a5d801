import type { LogLine } from '../control/messages.js'
import type { Replacement } from './reload.js'
import type { Ending } from './worker-process.js'

/** Which worker an event is about. */
export interface WorkerInfo {
  /** Its number among the app's workers, from 1 on; 0 for a canary. */
  worker: number
  /** `null` if it could not be started. */
  pid: number | null
  version: number
}

/** A worker ended by itself. */
export interface CrashInfo extends WorkerInfo {
  ending: Ending
  /** The same in words: `it ended with exit code 1`. */
  reason: string
  /** How many times in a row it ended early. */
  crashes: number
  /** In how many milliseconds it is started again. */
  delay: number
  /** What it printed last. */
  lastLines: string[]
}

/** What a supervisor emits. */
export interface SupervisorEvents {
  /** A worker was started. */
  started: [worker: WorkerInfo]
  /** A worker of an earlier manager was taken over. */
  adopted: [worker: WorkerInfo]
  /** A worker serves. */
  ready: [worker: WorkerInfo]
  /** A worker ended, asked or not. */
  ended: [worker: WorkerInfo, ending: Ending]
  /** A worker ended without being asked to. */
  crashed: [crash: CrashInfo]
  /** A worker crashed several times in a row: emitted after each crash from then on. */
  'crash-loop': [crash: CrashInfo]
  /** A worker has more memory, in bytes, than the app's workers may have: it is replaced. */
  'too-large': [worker: WorkerInfo & { memory: number }]
  /** The listeners that are held have changed. */
  held: [listeners: ReadonlyMap<number, number>]
  /** A worker printed a line. */
  line: [line: LogLine]
  /** The workers are being replaced: `reloaded` or `reload-failed` follows. */
  reloading: []
  /** All workers were replaced. */
  reloaded: [replacements: Replacement[]]
  /** Nothing was replaced, or not all: a worker of the new version did not become ready, or there is a canary. */
  'reload-failed': [error: Error]
  /** The workers are asked to end, and no more are started. */
  stopping: []
  /** The state for the next manager cannot be written: that manager will not find the workers. */
  'state-lost': [error: Error]
  /** The workers go on without this manager, which starts no more. */
  released: []
  /** All workers have ended, and no more are started. */
  stopped: []
}
