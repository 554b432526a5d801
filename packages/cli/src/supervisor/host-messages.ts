/** The messages between a manager and the process of an app that runs in threads. */

/** How the process is to run the threads. Times are in milliseconds. */
export interface HostOptions {
  /** How many. */
  threads: number
  /** How long the event loop of a thread may be blocked before the thread is ended. */
  hangTimeout: number | null
  /** How long the threads may take to leave. */
  leaveTimeout: number
  /** Whether the program itself says that it is ready, rather than being ready when it listens. */
  waitReady: boolean
}

/**
 * `started`: all threads begin to run their script. `ready`: all of them serve. `restarted`: a thread that
 * ended by itself is started again.
 */
export type ToManager = 'started' | 'ready' | 'restarted'

/** `ready`: the process counts as ready, because no thread listens on anything. */
export type ToHost = 'ready'
