/**
 * The requests that a manager gets on its control socket, and its answers: one JSON object per line. A
 * connection carries one request. A request is untrusted until it is checked.
 */

/** The longest request, in bytes; a longer line ends the connection. */
export const longestRequest = 64 * 2 ** 10

export type Request =
  | { verb: 'status' }
  | { verb: 'measure' }
  | { verb: 'reload' }
  | { verb: 'canary'; share: number }
  | { verb: 'promote' }
  | { verb: 'rollback' }
  | { verb: 'scale'; instances: number }
  | { verb: 'release' }
  | { verb: 'stop' }
  | { verb: 'logs'; lines: number; follow: boolean }

/** One line of a worker's output. */
export interface LogLine {
  worker: number
  stream: 'stdout' | 'stderr'
  text: string
}

/** `logs` is answered with many lines, everything else with one result; then the connection ends. */
export type Answer =
  | { result: unknown }
  | { line: LogLine }
  | { error: { message: string; code?: string } }

/** The state of one worker. */
export interface WorkerStatus {
  /** Its number among the app's workers, from 1 on; 0 for a canary. */
  worker: number
  /** `null` while none runs. */
  pid: number | null
  /** `waiting`: it has ended by itself, and is started again in a moment. */
  state: 'starting' | 'ready' | 'leaving' | 'waiting'
  /** Which version of the app it runs: each reload adds one. */
  version: number
  /** Its age, in milliseconds; if another manager started it, how long this one has known it. */
  uptime: number | null
  /** How often it was started again after it had ended by itself. */
  restarts: number
  /** How many times in a row it ended early. */
  crashes: number
  /** Resident memory, in bytes. */
  memory: number | null
  /** How many of its threads listen: one at most, except under `--threads`. */
  threads: number
  /**
   * How often a thread was started again after it had ended by itself. `null` without `--threads`, and if
   * another manager started the process.
   */
  threadRestarts: number | null
  /** The CPU time that it has used, in milliseconds. */
  cpuTime: number | null
  /**
   * Connections that wait at its listeners, and how many can; for a UDP socket, bytes. `null` if it has none.
   */
  queue: { length: number; limit: number } | null
  /** Its share of the new connections, by weight, among the members of @reuse on its port: from 0 to 1. */
  share: number | null
  /** Where it listens: `127.0.0.1:3000`, `[::]:53/udp`. */
  listens: string[]
}

/** What a worker reports about itself. `null` stands for what it does not report. */
export interface WorkerWork {
  /** How many connections it has accepted. */
  accepted: number | null
  /** How late its event loop has been since it was last asked, in milliseconds; `null` the first time. */
  eventLoopDelay: { mean: number; max: number } | null
  /** Whether it answered within half a second; `null` if there is nobody to ask. */
  answers: boolean | null
}

/** The state of an app. */
export interface AppStatus {
  name: string
  /** Of the manager. */
  pid: number
  state: 'running' | 'stopping'
  /** What runs: `node server.js`. */
  program: string
  /** How many workers it should have. */
  instances: number
  /** How many threads its worker should have, if it runs in threads. */
  threads: number | null
  version: number
  workers: WorkerStatus[]
}

/** The state of an app, and what its workers report. */
export interface AppMeasures extends AppStatus {
  workers: (WorkerStatus & WorkerWork)[]
}

/** Reads a request. If it is invalid, returns what is wrong with it, as a string. */
export function parseRequest(line: string): Request | string {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return 'this is not JSON'
  }
  if (typeof value !== 'object' || value === null || !('verb' in value)) return 'there is no verb'
  switch (value.verb) {
    case 'status':
    case 'measure':
    case 'reload':
    case 'promote':
    case 'rollback':
    case 'release':
    case 'stop':
      return { verb: value.verb }
    case 'canary': {
      const share = 'share' in value ? value.share : undefined
      return typeof share === 'number' ? { verb: 'canary', share } : 'share must be a number'
    }
    case 'scale': {
      const instances = 'instances' in value ? value.instances : undefined
      return isCount(instances) ? { verb: 'scale', instances } : 'instances must be a number'
    }
    case 'logs': {
      const lines = 'lines' in value ? value.lines : undefined
      if (!isCount(lines)) return 'lines must be a number'
      return { verb: 'logs', lines, follow: 'follow' in value && value.follow === true }
    }
    default:
      return 'there is no such verb'
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
