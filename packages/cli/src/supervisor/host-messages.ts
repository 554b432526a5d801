/** What a manager and a process of an app that runs in threads tell each other. */

/** How the process is to run the threads. Times are milliseconds. */
export interface HostOptions {
  /** How many. */
  threads: number
  /** A thread whose event loop is blocked for so long is ended. */
  hangTimeout: number | null
  /** How long the threads may take to leave. */
  leaveTimeout: number
  /** Whether the program itself says that it is ready, and not that it listens. */
  waitReady: boolean
}

/**
 * `started`: all threads begin with their script. `ready`: all of them serve. `restarted`: a thread is
 * started again that has ended by itself.
 */
export type ToManager = 'started' | 'ready' | 'restarted'

/** `ready`: it is taken for ready, as no thread listens on anything. */
export type ToHost = 'ready'
